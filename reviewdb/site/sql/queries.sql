-- The queries of the review.
SELECT name, title, description, across, sql, keys, audience
FROM queries
ORDER BY name
