-- The papers whose citation keys begin with one of :ids, a JSON array: '{' comes after every letter.
SELECT DISTINCT papers.id
FROM json_each(:ids) AS stem JOIN papers ON papers.key >= stem.value AND papers.key < stem.value || '{'
