-- title: Papers by year
-- description: All papers by year of publication and by where they stand in screening.
SELECT
  year,
  count(*) AS papers,
  sum(status = 'included') AS included,
  sum(status = 'excluded') AS excluded,
  sum(status = 'pending') AS pending,
  sum(status = 'contested') AS contested
FROM papers
GROUP BY year
ORDER BY year
