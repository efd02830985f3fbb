-- What rules alone say of records among themselves.
SELECT * FROM matches WHERE a IN (SELECT value FROM json_each(:ids)) AND b IN (SELECT value FROM json_each(:ids))
