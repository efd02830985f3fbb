-- Each search that looked for papers, and the papers that it found before any other did; the newest search first.
-- One without a date came last, as in reviewdb/papers.py, but nobody knows when, so it stands at the end here.
WITH ordered AS (
  SELECT id, row_number() OVER (ORDER BY date = '', date, id) AS place
  FROM searches
),
first AS (
  SELECT paper_records.paper_id, min(ordered.place) AS place
  FROM records
  JOIN paper_records ON paper_records.record_id = records.id
  JOIN ordered ON ordered.id = records.search_id
  WHERE records.about IS NULL
  GROUP BY paper_records.paper_id
)
SELECT searches.id, searches.source, searches.query, searches.date, searches.kind, papers.key, papers.title
FROM searches
JOIN ordered ON ordered.id = searches.id
LEFT JOIN first ON first.place = ordered.place
LEFT JOIN papers ON papers.id = first.paper_id
WHERE searches.kind <> 'enrichment'
ORDER BY searches.date DESC, ordered.place DESC, papers.id
