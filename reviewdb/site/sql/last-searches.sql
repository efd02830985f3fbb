-- The searches of the last date on which papers were looked for.
SELECT date, source, query
FROM searches
WHERE kind <> 'enrichment' AND date <> '' AND date = (SELECT max(date) FROM searches WHERE kind <> 'enrichment')
ORDER BY id
