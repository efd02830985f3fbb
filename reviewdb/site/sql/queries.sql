-- A query that bears the name of a table would hide it.
SELECT name, title, description, across, sql
FROM queries
WHERE name NOT IN (SELECT name FROM sqlite_master)
ORDER BY name
