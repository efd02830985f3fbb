-- How many papers there are of each year, and how many of them are included, excluded, and neither yet.
SELECT
  year,
  sum(status = 'included') AS included,
  sum(status = 'excluded') AS excluded,
  sum(status IN ('pending', 'contested')) AS undecided,
  count(*) AS papers
FROM papers
GROUP BY year
ORDER BY year
