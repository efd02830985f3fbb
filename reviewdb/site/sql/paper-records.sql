-- The records that are a paper, where each was found, and the fields of the paper that it gave.
SELECT
  records.id,
  records.rank,
  records.title,
  records.year,
  records.venue,
  records.url,
  records.about,
  searches.id AS search_id,
  searches.source,
  searches.query,
  searches.date,
  -- The fields of the paper that this record gave.
  (
    SELECT group_concat(replace(field, '_', ' '), ', ')
    FROM (SELECT field FROM paper_fields WHERE paper_id = :paper AND record_id = records.id ORDER BY field)
  ) AS gave
FROM paper_records
JOIN records ON records.id = paper_records.record_id
JOIN searches ON searches.id = records.search_id
WHERE paper_records.paper_id = :paper
ORDER BY records.id
