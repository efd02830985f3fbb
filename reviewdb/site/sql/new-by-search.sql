-- How many papers each search found before any other did.
SELECT search_id, count(*)
FROM paper_arrivals
GROUP BY search_id
