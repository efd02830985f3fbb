-- Forget why records were joined or kept apart; what they are related to outside stays.
DELETE FROM links WHERE a IN (SELECT value FROM json_each(:ids)) AND b IN (SELECT value FROM json_each(:ids))
