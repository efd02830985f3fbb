SELECT id, source, query, date, kind
FROM searches
ORDER BY date = '', date, id
