-- What the notifiers ask: to follow the log, and to let somebody in.

-- Stamp what is not stamped yet, then read on after p_cursor.  The counter's
-- lock comes first, before anything is read in the transaction; whatever is
-- visible then is stamped, in the order of its writing.
CREATE PROCEDURE events_follow(
	IN p_cursor BIGINT UNSIGNED,
	IN p_above BIGINT UNSIGNED,	-- only rows with a greater id are looked at
	IN p_limit INT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_id BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_head BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_done BOOLEAN DEFAULT FALSE;
	DECLARE unstamped CURSOR FOR
		SELECT id FROM events FORCE INDEX (events_pos)
		 WHERE pos IS NULL AND id > p_above ORDER BY id LIMIT p_limit;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_done = TRUE;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	-- Not IF EXISTS (…), which would lock what it reads.
	SELECT id INTO v_id FROM events FORCE INDEX (events_pos)
	 WHERE pos IS NULL AND id > p_above LIMIT 1;
	IF v_id IS NOT NULL THEN
		SET v_done = FALSE;
		START TRANSACTION;
		SELECT head INTO v_head FROM event_counter WHERE id = 1 FOR UPDATE;
		OPEN unstamped;
		stamping: LOOP
			FETCH unstamped INTO v_id;
			IF v_done THEN
				LEAVE stamping;
			END IF;
			-- By its id alone: by events_pos it would wait for rows that
			-- are not committed yet.
			UPDATE events FORCE INDEX (PRIMARY) SET pos = v_head + 1
			 WHERE id = v_id AND pos IS NULL;
			SET v_head = v_head + ROW_COUNT();
		END LOOP;
		CLOSE unstamped;
		UPDATE event_counter SET head = v_head WHERE id = 1;
		COMMIT;
	END IF;
	SELECT id, pos, type, conversation_id, seq, user_id, actor_id, author_id, message_id, no, up_to, unread_count, session_id, timestamp, payload
	  FROM events
	 WHERE pos > p_cursor
	 ORDER BY pos
	 LIMIT p_limit;
END;

-- Who comes with this credential, and what their stream starts from, in one
-- snapshot: one row about the stream (none: refused), their conversations,
-- and who of those they are told about is online.  A ticket is used up.  A
-- stream that is open already says by id which session or key it came with.
CREATE PROCEDURE stream_open(
	IN p_credential VARCHAR(7) CHARACTER SET ascii,	-- session, api_key, ticket or open
	IN p_token BINARY(32),
	IN p_session BIGINT UNSIGNED,
	IN p_api_key BIGINT UNSIGNED,
	IN p_receipts_members BIGINT UNSIGNED,
	IN p_online_max INT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_session BIGINT UNSIGNED DEFAULT p_session;
	DECLARE v_api_key BIGINT UNSIGNED DEFAULT p_api_key;
	DECLARE v_user BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_username VARCHAR(32) CHARACTER SET ascii DEFAULT NULL;
	DECLARE v_scopes VARCHAR(255) CHARACTER SET ascii DEFAULT '*';
	DECLARE v_now DATETIME(3) DEFAULT UTC_TIMESTAMP(3);
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	IF p_credential = 'ticket' THEN
		SELECT session_id, api_key_id INTO v_session, v_api_key FROM tickets
		 WHERE token_hash = p_token AND expires_at > v_now;
		DELETE FROM tickets WHERE token_hash = p_token;
		IF ROW_COUNT() = 0 THEN
			SET v_session = NULL, v_api_key = NULL;
		END IF;
	END IF;

	START TRANSACTION WITH CONSISTENT SNAPSHOT;
	IF p_credential = 'session' THEN
		SELECT id INTO v_session FROM sessions WHERE token_hash = p_token AND expires_at > v_now;
	ELSEIF p_credential = 'api_key' THEN
		SELECT id INTO v_api_key FROM api_keys WHERE token_hash = p_token;
	END IF;
	IF v_session IS NOT NULL THEN
		SELECT u.id, u.username INTO v_user, v_username FROM sessions s JOIN users u ON u.id = s.user_id
		 WHERE s.id = v_session AND s.expires_at > v_now AND u.status = 'active';
	ELSEIF v_api_key IS NOT NULL THEN
		SELECT u.id, u.username, k.scopes INTO v_user, v_username, v_scopes FROM api_keys k JOIN users u ON u.id = k.user_id
		 WHERE k.id = v_api_key AND u.status = 'active';
	END IF;
	SELECT v_user AS user_id, v_username AS username, v_session AS session_id, v_api_key AS api_key_id, v_scopes AS scopes,
	    (SELECT expires_at FROM sessions WHERE id = v_session) AS expires_at, head, floor
	  FROM event_counter WHERE id = 1 AND v_user IS NOT NULL;
	SELECT m.conversation_id, c.member_count <= p_receipts_members AS is_small, c.last_no - m.read_no AS unread_count
	  FROM members m
	  JOIN conversations c ON c.id = m.conversation_id
	 WHERE m.user_id = v_user
	 ORDER BY m.conversation_id;
	SELECT DISTINCT o.user_id
	  FROM members m
	  JOIN conversations c ON c.id = m.conversation_id AND c.member_count <= p_receipts_members
	  JOIN members o ON o.conversation_id = c.id
	  JOIN presence p ON p.user_id = o.user_id
	  JOIN notifiers n ON n.id = p.notifier_id AND n.alive_until > v_now
	 WHERE m.user_id = v_user AND o.user_id <> v_user
	 LIMIT p_online_max;
	COMMIT;
END;

-- Remove the oldest events and raise the floor; the result is how many.
CREATE PROCEDURE events_prune(IN p_before DATETIME(3), IN p_limit INT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_last BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_removed BIGINT UNSIGNED DEFAULT 0;

	SELECT MAX(pos) INTO v_last
	  FROM (SELECT pos, created_at FROM events WHERE pos > 0 ORDER BY pos LIMIT p_limit) oldest
	 WHERE created_at < p_before;
	IF v_last IS NOT NULL THEN
		-- First, so that no stream is opened on what is about to go; and by
		-- itself, so that nobody who stamps waits for the rest.
		UPDATE event_counter SET floor = GREATEST(floor, v_last) WHERE id = 1;
		DELETE FROM events WHERE pos > 0 AND pos <= v_last;
		SET v_removed = ROW_COUNT();
	END IF;
	SELECT v_removed AS removed;
END;
