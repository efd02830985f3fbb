-- How many papers there are of each year, and how many of them are included.
SELECT year, sum(status = 'included') AS included, count(*) AS papers
FROM papers
GROUP BY year
ORDER BY year
