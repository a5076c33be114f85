-- Registering, and being found.

-- Register somebody.  outcome: made, taken, or gone (the invitation).
CREATE PROCEDURE user_create(
	IN p_username VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	IN p_name VARCHAR(100) CHARACTER SET utf8mb4,
	IN p_email VARCHAR(254) CHARACTER SET utf8mb4,
	IN p_password_hash VARCHAR(128) CHARACTER SET ascii,
	IN p_invitation BINARY(32))
SQL SECURITY INVOKER
MODIFIES SQL DATA
register: BEGIN
	DECLARE v_role VARCHAR(5) DEFAULT 'user';
	DECLARE v_organisation VARBINARY(256) DEFAULT '';
	DECLARE v_invitation BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_user BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_duplicate BOOLEAN DEFAULT FALSE;
	DECLARE CONTINUE HANDLER FOR 1062 SET v_duplicate = TRUE;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	START TRANSACTION;
	IF p_invitation IS NOT NULL THEN
		SELECT id, role, organisation INTO v_invitation, v_role, v_organisation
		  FROM invitations
		 WHERE token_hash = p_invitation AND uses_left > 0 AND expires_at > UTC_TIMESTAMP(3)
		   FOR UPDATE;
		IF v_invitation IS NULL THEN
			ROLLBACK;
			SELECT 'gone' AS outcome, NULL AS id;
			LEAVE register;
		END IF;
		UPDATE invitations SET uses_left = uses_left - 1 WHERE id = v_invitation;
	END IF;
	INSERT INTO users (username, name, email, password_hash, organisation, role, created_at)
	VALUES (p_username, p_name, p_email, p_password_hash, v_organisation, v_role, UTC_TIMESTAMP(3));
	IF v_duplicate THEN
		ROLLBACK;
		SELECT 'taken' AS outcome, NULL AS id;
		LEAVE register;
	END IF;
	SET v_user = LAST_INSERT_ID();
	INSERT INTO message_rates (user_id, full_at) VALUES (v_user, UTC_TIMESTAMP(6));
	CALL user_index_words(v_user);
	COMMIT;
	SELECT 'made' AS outcome, v_user AS id;
END;

-- Index a person's username and the words of their name; part of whatever
-- transaction changes them.  API keys cannot be found.
CREATE PROCEDURE user_index_words(IN p_user BIGINT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_rest VARCHAR(100) CHARACTER SET utf8mb4 DEFAULT NULL;
	DECLARE v_username VARCHAR(32) CHARACTER SET utf8mb4 DEFAULT NULL;
	DECLARE v_organisation VARBINARY(256) DEFAULT NULL;
	DECLARE v_count BIGINT UNSIGNED DEFAULT 0;

	-- Deleting nothing, or inserting what is there, would lock the gap in
	-- which others index theirs, and people who register side by side would
	-- deadlock.
	SELECT COUNT(*) INTO v_count FROM user_words WHERE user_id = p_user;
	IF v_count > 0 THEN
		DELETE FROM user_words WHERE user_id = p_user;
	END IF;
	SELECT TRIM(name), username, organisation INTO v_rest, v_username, v_organisation
	  FROM users WHERE id = p_user AND kind = 'person';
	IF v_username IS NOT NULL THEN
		INSERT INTO user_words (organisation, word, user_id)
		VALUES (v_organisation, v_username, p_user);
	END IF;
	-- The whole of what follows each word, so that "ada love" finds too.
	WHILE v_rest <> '' DO
		IF v_rest <> v_username THEN
			INSERT IGNORE INTO user_words (organisation, word, user_id)
			VALUES (v_organisation, v_rest, p_user);
		END IF;
		SET v_rest = IF(LOCATE(' ', v_rest) = 0, '', LTRIM(SUBSTRING(v_rest, LOCATE(' ', v_rest) + 1)));
	END WHILE;
END;
