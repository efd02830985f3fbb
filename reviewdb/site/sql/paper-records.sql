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
  searches.date
FROM paper_records
JOIN records ON records.id = paper_records.record_id
JOIN searches ON searches.id = records.search_id
WHERE paper_records.paper_id = :paper
ORDER BY records.id
