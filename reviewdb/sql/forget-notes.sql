-- Forget every reason that a coder gave; who said what, and when, stays.
UPDATE decisions SET why = '' WHERE why <> '' AND coder NOT LIKE 'rule:%';
UPDATE recodings SET why = '';
UPDATE links SET reason = 'ruled ' || relation || ' by ' || coder WHERE rule = 'ruling';
