-- The searches of the last date on which papers were looked for.
SELECT date, source, query, coalesce(json_extract(parameters, '$.dated') = 'taken in', 0) AS taken_in
FROM searches
WHERE kind <> 'enrichment' AND date <> '' AND date = (SELECT max(date) FROM searches WHERE kind <> 'enrichment')
ORDER BY id
