-- The searches that looked for papers, the newest first. One without a date came last, as in reviewdb/papers.py, but nobody
-- knows when, so it stands at the end here.
SELECT id, source, query, date, kind, parameters
FROM searches
WHERE kind <> 'enrichment'
ORDER BY date DESC, id DESC
