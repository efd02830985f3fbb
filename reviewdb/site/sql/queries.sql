-- The queries of the review.
SELECT name, title, description, across, sql
FROM queries
ORDER BY name
