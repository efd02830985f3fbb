-- Of some pairs of records, the one that is related best: by people, or else by the best score.
-- :pairs  a JSON array of pairs
SELECT a, b
FROM links
JOIN json_each(:pairs) AS pair ON a = pair.value ->> 0 AND b = pair.value ->> 1
ORDER BY rule = 'ruling' DESC, score DESC, a, b
LIMIT 1
