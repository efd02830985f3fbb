-- What a paper cites inside the review, and what cites it, as far as the references of works are known (OpenAlex).
WITH own AS (
  SELECT record_id FROM paper_records WHERE paper_id = :paper
),
near (relation, paper_id) AS (
  SELECT 'cites', paper_records.paper_id
  FROM own
  JOIN record_references ON record_references.record_id = own.record_id
  JOIN record_works ON record_works.work = record_references.work
  JOIN paper_records ON paper_records.record_id = record_works.record_id
  UNION
  SELECT 'cited by', paper_records.paper_id
  FROM own
  JOIN record_works ON record_works.record_id = own.record_id
  JOIN record_references ON record_references.work = record_works.work
  JOIN paper_records ON paper_records.record_id = record_references.record_id
)
SELECT near.relation, papers.id, papers.authors, papers.title, papers.year, papers.citations
FROM near
JOIN papers ON papers.id = near.paper_id
WHERE near.paper_id <> :paper
ORDER BY near.relation, papers.citations DESC, papers.year, papers.id
