-- What a paper cites inside the review, and what cites it, as far as the references of works are known (OpenAlex).
WITH own AS (
  SELECT records.extra
  FROM paper_records
  JOIN records ON records.id = paper_records.record_id
  WHERE paper_records.paper_id = :paper
),
works (paper_id, work, extra) AS (
  SELECT paper_records.paper_id, records.extra ->> '$.openalex', records.extra
  FROM records
  JOIN paper_records ON paper_records.record_id = records.id
  WHERE records.extra LIKE '%"openalex"%' AND paper_records.paper_id <> :paper
),
near (relation, paper_id) AS (
  SELECT 'cites', paper_id
  FROM works
  WHERE work IN (SELECT reference.value FROM own, json_each(own.extra, '$.references') AS reference)
  UNION
  SELECT 'cited by', works.paper_id
  FROM works, json_each(works.extra, '$.references') AS reference
  WHERE reference.value IN (SELECT extra ->> '$.openalex' FROM own)
)
SELECT near.relation, papers.id, papers.authors, papers.title, papers.year, papers.citations
FROM near
JOIN papers ON papers.id = near.paper_id
ORDER BY near.relation, papers.citations DESC, papers.year, papers.id
