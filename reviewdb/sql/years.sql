-- How many papers there are of each year, and how many of them are included and excluded, and how many have no answer yet, or two.
SELECT
  year,
  sum(status = 'included') AS included,
  sum(status = 'excluded') AS excluded,
  sum(status = 'pending') AS pending,
  sum(status = 'contested') AS contested,
  count(*) AS papers
FROM papers
GROUP BY year
ORDER BY year
