-- All searches, in the order of time.
SELECT id, source, query, date, kind, parameters
FROM searches
ORDER BY date = '', date, id
