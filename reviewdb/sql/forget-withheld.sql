-- :ids  decisions that are held back: nothing that points at them stays.
DELETE FROM decisions WHERE id IN (SELECT value FROM json_each(:ids))
