-- The records that are a paper, where each was found, and the fields of the paper that it gave.
SELECT
  records.id,
  searches.source,
  searches.query,
  searches.date,
  records.rank,
  (
    SELECT group_concat(field, ', ')
    FROM (SELECT field FROM paper_fields WHERE paper_id = :paper AND record_id = records.id ORDER BY field)
  ) AS gave,
  -- What follows is for the page of the paper.
  searches.id AS search_id,
  searches.kind,
  records.about,
  records.title,
  (SELECT group_concat(value, '; ') FROM json_each(records.authors)) AS authors,
  records.year,
  records.venue,
  -- Of a correction: the fields that it puts right, a JSON array.
  CASE
    WHEN records.about IS NULL THEN NULL
    WHEN json_type(records.extra, '$.corrects') IS NOT NULL THEN json_extract(records.extra, '$.corrects')
    WHEN json_type(records.extra, '$.restores') IS NOT NULL THEN '[]'
  END AS corrects
FROM paper_records
JOIN records ON records.id = paper_records.record_id
JOIN searches ON searches.id = records.search_id
WHERE paper_records.paper_id = :paper
ORDER BY records.id
