-- :date  The papers that searches of that date found, and no search of an earlier one. One without a date came last.
SELECT DISTINCT papers.id, papers.key, papers.title
FROM searches
JOIN records ON records.search_id = searches.id
JOIN paper_records ON paper_records.record_id = records.id
JOIN papers ON papers.id = paper_records.paper_id
WHERE searches.date = :date AND searches.kind <> 'enrichment' AND records.about IS NULL AND NOT EXISTS (
  SELECT 1
  FROM paper_records AS others
  JOIN records AS hits ON hits.id = others.record_id
  JOIN searches AS earlier ON earlier.id = hits.search_id
  WHERE others.paper_id = papers.id AND hits.about IS NULL AND earlier.date <> '' AND earlier.date < :date
)
ORDER BY papers.id
