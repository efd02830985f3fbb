-- Which paper each search found. Searches that only told more of papers found before are left out.
-- :first, :last  years of papers, or NULL; :status  where they stand, or ''
SELECT DISTINCT searches.id, searches.source, searches.query, searches.date, paper_records.paper_id
FROM searches
LEFT JOIN records ON records.search_id = searches.id AND records.about IS NULL
LEFT JOIN (
  SELECT paper_records.record_id, paper_records.paper_id
  FROM paper_records
  JOIN papers ON papers.id = paper_records.paper_id
  WHERE (:first IS NULL OR papers.year >= :first)
    AND (:last IS NULL OR papers.year <= :last)
    AND (:status = '' OR papers.status = :status)
) AS paper_records ON paper_records.record_id = records.id
WHERE searches.kind <> 'enrichment'
ORDER BY searches.date = '', searches.date, searches.id, paper_records.paper_id
