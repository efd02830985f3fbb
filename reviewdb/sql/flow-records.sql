-- How many records each search found.
SELECT search_id, count(*)
FROM records
WHERE about IS NULL
GROUP BY search_id
