-- The queries of the review.
SELECT name, title, description, across, sql, keys
FROM queries
ORDER BY name
