SELECT year, sum(status = 'included') AS included, count(*) AS papers
FROM papers
GROUP BY year
ORDER BY year
