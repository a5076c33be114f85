-- What must not be left half done, or must not hold a lock across a round
-- trip: one CALL each.
--
-- Every procedure that changes a conversation takes its row's lock first, by
-- the UPDATE that numbers; what it then reads without a lock is as of that
-- moment.  Whoever also touches message_rates does so before.

-- Send a message: number it, store it, write its event, move the sender's
-- marks.  The result is one row: an outcome, and where there is a message its
-- id, no and time.
--	sent		it was sent
--	replayed	p_client_id had been used for it before
--	mismatch	p_client_id had been used for something else
--	not_found	no such conversation, or the sender is no member
--	bad_reply	p_reply_to is no message of the conversation
--	rate_limited	retry_after tells for how many seconds
--	in_progress	p_client_id is being used right now
CREATE PROCEDURE message_send(
	IN p_sender BIGINT UNSIGNED,
	IN p_conversation BIGINT UNSIGNED,
	IN p_text TEXT CHARACTER SET utf8mb4,
	IN p_reply_to BIGINT UNSIGNED,
	IN p_client_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	IN p_client_hash BINARY(32),
	IN p_rate INT UNSIGNED,		-- messages in ten seconds; 0: any number
	IN p_payload MEDIUMTEXT CHARACTER SET utf8mb4)
SQL SECURITY INVOKER
MODIFIES SQL DATA
send: BEGIN
	DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
	DECLARE v_full_at DATETIME(6) DEFAULT NULL;
	DECLARE v_step BIGINT UNSIGNED DEFAULT 0;
	DECLARE v_time DATETIME(3) DEFAULT NULL;
	DECLARE v_id BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_no BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_seq BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_found BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_hash BINARY(32) DEFAULT NULL;
	DECLARE v_duplicate BOOLEAN DEFAULT FALSE;
	DECLARE v_rival BOOLEAN DEFAULT FALSE;
	DECLARE CONTINUE HANDLER FOR 1062 SET v_duplicate = TRUE;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	START TRANSACTION;
	IF p_rate > 0 THEN
		SET v_step = 10000000 DIV p_rate;
		UPDATE message_rates
		   SET full_at = GREATEST(full_at, v_now) + INTERVAL v_step MICROSECOND
		 WHERE user_id = p_sender
		   AND full_at <= v_now + INTERVAL (10000000 - v_step) MICROSECOND;
		IF ROW_COUNT() = 0 THEN
			SELECT full_at INTO v_full_at FROM message_rates
			 WHERE user_id = p_sender FOR UPDATE;
			IF v_full_at IS NOT NULL THEN
				ROLLBACK;
				SELECT 'rate_limited' AS outcome, NULL AS id, NULL AS no, NULL AS created_at,
				    1 + TIMESTAMPDIFF(SECOND, v_now + INTERVAL (10000000 - v_step) MICROSECOND, v_full_at) AS retry_after;
				LEAVE send;
			END IF;
		END IF;
	END IF;

	UPDATE conversations
	   SET last_no = last_no + 1, event_seq = event_seq + 1,
	       active_at = GREATEST(active_at, UTC_TIMESTAMP(3))
	 WHERE id = p_conversation;
	SET v_time = UTC_TIMESTAMP(3);
	SELECT c.last_no, c.event_seq INTO v_no, v_seq
	  FROM conversations c
	  JOIN members m ON m.conversation_id = c.id AND m.user_id = p_sender
	 WHERE c.id = p_conversation;
	IF v_no IS NULL THEN
		ROLLBACK;
		SELECT 'not_found' AS outcome, NULL AS id, NULL AS no, NULL AS created_at, NULL AS retry_after;
		LEAVE send;
	END IF;
	IF p_reply_to IS NOT NULL THEN
		SELECT id INTO v_found FROM messages
		 WHERE id = p_reply_to AND conversation_id = p_conversation;
		IF v_found IS NULL THEN
			ROLLBACK;
			SELECT 'bad_reply' AS outcome, NULL AS id, NULL AS no, NULL AS created_at, NULL AS retry_after;
			LEAVE send;
		END IF;
	END IF;

	BEGIN
		-- Nothing else can hold this up: the conversation is ours.
		DECLARE EXIT HANDLER FOR 1205 SET v_rival = TRUE;
		INSERT INTO messages (conversation_id, no, seq, sender_id, text, reply_to, client_id, client_hash, created_at)
		VALUES (p_conversation, v_no, v_seq, p_sender, p_text, p_reply_to, p_client_id, p_client_hash, v_time);
	END;
	IF v_rival THEN
		ROLLBACK;
		SELECT 'in_progress' AS outcome, NULL AS id, NULL AS no, NULL AS created_at, NULL AS retry_after;
		LEAVE send;
	END IF;
	IF v_duplicate THEN
		ROLLBACK;
		SELECT id, no, client_hash, created_at INTO v_id, v_no, v_hash, v_time
		  FROM messages
		 WHERE sender_id = p_sender AND client_id = p_client_id;
		SELECT IF(v_hash = p_client_hash, 'replayed', 'mismatch') AS outcome,
		    v_id AS id, v_no AS no, v_time AS created_at, NULL AS retry_after;
		LEAVE send;
	END IF;
	SET v_id = LAST_INSERT_ID();
	INSERT INTO events (type, conversation_id, seq, actor_id, author_id, message_id, no, timestamp, created_at, payload)
	VALUES ('chat_message', p_conversation, v_seq, p_sender, p_sender, v_id, v_no, v_time, v_time, p_payload);
	UPDATE members FORCE INDEX (PRIMARY) SET read_no = v_no, delivered_no = v_no
	 WHERE conversation_id = p_conversation AND user_id = p_sender;
	COMMIT;
	SELECT 'sent' AS outcome, v_id AS id, v_no AS no, v_time AS created_at, NULL AS retry_after;
END;

-- Move a mark forward.  p_mark is 'read' or 'delivered'; reading implies
-- delivery.  The result is one row: found, whether it moved, and where the
-- marks are now.
CREATE PROCEDURE conversation_mark(
	IN p_user BIGINT UNSIGNED,
	IN p_conversation BIGINT UNSIGNED,
	IN p_mark VARCHAR(9) CHARACTER SET ascii,
	IN p_up_to BIGINT UNSIGNED,
	IN p_receipts_members BIGINT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
mark: BEGIN
	DECLARE v_last_no BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_read_no BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_delivered_no BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_up_to BIGINT UNSIGNED DEFAULT 0;
	DECLARE v_seq BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_count BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_time DATETIME(3) DEFAULT NULL;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	-- Most calls move nothing: they take no lock.
	SELECT c.last_no, m.read_no, m.delivered_no
	  INTO v_last_no, v_read_no, v_delivered_no
	  FROM conversations c
	  JOIN members m ON m.conversation_id = c.id AND m.user_id = p_user
	 WHERE c.id = p_conversation;
	IF v_last_no IS NULL THEN
		SELECT FALSE AS found, FALSE AS moved, 0 AS read_no, 0 AS delivered_no, 0 AS unread_count;
		LEAVE mark;
	END IF;
	SET v_up_to = LEAST(p_up_to, v_last_no);
	IF v_up_to <= IF(p_mark = 'read', v_read_no, v_delivered_no) THEN
		SELECT TRUE AS found, FALSE AS moved, v_read_no AS read_no, v_delivered_no AS delivered_no, v_last_no - v_read_no AS unread_count;
		LEAVE mark;
	END IF;

	START TRANSACTION;
	UPDATE conversations SET event_seq = event_seq + 1 WHERE id = p_conversation;
	SET v_last_no = NULL;
	SELECT c.last_no, c.event_seq, c.member_count, m.read_no, m.delivered_no
	  INTO v_last_no, v_seq, v_count, v_read_no, v_delivered_no
	  FROM conversations c
	  JOIN members m ON m.conversation_id = c.id AND m.user_id = p_user
	 WHERE c.id = p_conversation;
	IF v_last_no IS NULL THEN
		ROLLBACK;
		SELECT FALSE AS found, FALSE AS moved, 0 AS read_no, 0 AS delivered_no, 0 AS unread_count;
		LEAVE mark;
	END IF;
	SET v_up_to = LEAST(p_up_to, v_last_no);
	IF v_up_to <= IF(p_mark = 'read', v_read_no, v_delivered_no) THEN
		ROLLBACK;
		SELECT TRUE AS found, FALSE AS moved, v_read_no AS read_no, v_delivered_no AS delivered_no, v_last_no - v_read_no AS unread_count;
		LEAVE mark;
	END IF;
	SET v_time = UTC_TIMESTAMP(3);
	SET v_delivered_no = GREATEST(v_delivered_no, v_up_to);
	IF p_mark = 'read' THEN
		SET v_read_no = v_up_to;
	END IF;
	UPDATE members FORCE INDEX (PRIMARY) SET read_no = v_read_no, delivered_no = v_delivered_no
	 WHERE conversation_id = p_conversation AND user_id = p_user;
	INSERT INTO events (type, conversation_id, seq, user_id, actor_id, no, up_to, unread_count, timestamp, created_at, payload)
	VALUES (IF(p_mark = 'read', 'message_read', 'message_delivered'), p_conversation, v_seq,
	    IF(v_count > p_receipts_members, p_user, NULL), p_user, v_last_no, v_up_to, v_last_no - v_read_no, v_time, v_time,
	    CONCAT('{"user_id":', p_user, ',"up_to":', v_up_to, '}'));
	COMMIT;
	SELECT TRUE AS found, TRUE AS moved, v_read_no AS read_no, v_delivered_no AS delivered_no, v_last_no - v_read_no AS unread_count;
END;

-- Mark as unread from a message on: the one that moves the read mark back.
-- Only the person's own list changes, so only they hear of it.
CREATE PROCEDURE conversation_mark_unread(
	IN p_user BIGINT UNSIGNED,
	IN p_conversation BIGINT UNSIGNED,
	IN p_from BIGINT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
mark: BEGIN
	DECLARE v_last_no BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_read_no BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_delivered_no BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_old_no BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_time DATETIME(3) DEFAULT NULL;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	START TRANSACTION;
	-- For the lock alone: nothing is numbered.
	SELECT last_no INTO v_last_no FROM conversations WHERE id = p_conversation FOR UPDATE;
	SELECT read_no, delivered_no INTO v_old_no, v_delivered_no FROM members
	 WHERE conversation_id = p_conversation AND user_id = p_user FOR UPDATE;
	IF v_old_no IS NULL THEN
		ROLLBACK;
		SELECT FALSE AS found, FALSE AS moved, 0 AS read_no, 0 AS delivered_no, 0 AS unread_count;
		LEAVE mark;
	END IF;
	SET v_read_no = LEAST(p_from - 1, v_last_no);
	IF v_read_no <> v_old_no THEN
		SET v_time = UTC_TIMESTAMP(3);
		SET v_delivered_no = GREATEST(v_delivered_no, v_read_no);
		UPDATE members FORCE INDEX (PRIMARY) SET read_no = v_read_no, delivered_no = v_delivered_no
		 WHERE conversation_id = p_conversation AND user_id = p_user;
		INSERT INTO events (type, conversation_id, user_id, actor_id, timestamp, created_at, payload)
		VALUES ('conversation_refresh', p_conversation, p_user, p_user, v_time, v_time, '{"reason":"updated"}');
	END IF;
	COMMIT;
	SELECT TRUE AS found, v_read_no <> v_old_no AS moved, v_read_no AS read_no, v_delivered_no AS delivered_no, v_last_no - v_read_no AS unread_count;
END;

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
		SELECT id FROM events WHERE pos IS NULL AND id > p_above ORDER BY id LIMIT p_limit;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_done = TRUE;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	-- Not IF EXISTS (…), which would lock what it reads.
	SELECT id INTO v_id FROM events WHERE pos IS NULL AND id > p_above LIMIT 1;
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
		SELECT u.id, u.username INTO v_user, v_username FROM api_keys k JOIN users u ON u.id = k.user_id
		 WHERE k.id = v_api_key AND u.status = 'active';
	END IF;
	SELECT v_user AS user_id, v_username AS username, v_session AS session_id, v_api_key AS api_key_id,
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
	 WHERE m.user_id = v_user
	 LIMIT p_online_max;
	COMMIT;
END;

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
	DECLARE v_organisation VARCHAR(64) CHARACTER SET utf8mb4 DEFAULT '';
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
-- transaction changes them.
CREATE PROCEDURE user_index_words(IN p_user BIGINT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_rest VARCHAR(100) CHARACTER SET utf8mb4 DEFAULT NULL;
	DECLARE v_username VARCHAR(32) CHARACTER SET utf8mb4 DEFAULT NULL;
	DECLARE v_organisation VARCHAR(64) CHARACTER SET utf8mb4 DEFAULT NULL;
	DECLARE v_count BIGINT UNSIGNED DEFAULT 0;

	-- Deleting nothing, or inserting what is there, would lock the gap in
	-- which others index theirs, and people who register side by side would
	-- deadlock.
	SELECT COUNT(*) INTO v_count FROM user_words WHERE user_id = p_user;
	IF v_count > 0 THEN
		DELETE FROM user_words WHERE user_id = p_user;
	END IF;
	SELECT TRIM(name), username, organisation INTO v_rest, v_username, v_organisation
	  FROM users WHERE id = p_user;
	INSERT INTO user_words (organisation, word, user_id)
	VALUES (v_organisation, v_username, p_user);
	-- The whole of what follows each word, so that "ada love" finds too.
	WHILE v_rest <> '' DO
		IF v_rest <> v_username THEN
			INSERT IGNORE INTO user_words (organisation, word, user_id)
			VALUES (v_organisation, v_rest, p_user);
		END IF;
		SET v_rest = IF(LOCATE(' ', v_rest) = 0, '', LTRIM(SUBSTRING(v_rest, LOCATE(' ', v_rest) + 1)));
	END WHILE;
END;

-- Find or make the direct conversation of two people about a topic.  The
-- result is one row: outcome (found, made, replayed, mismatch, in_progress)
-- and its id.
CREATE PROCEDURE conversation_direct(
	IN p_user BIGINT UNSIGNED,
	IN p_other BIGINT UNSIGNED,
	IN p_topic_type VARCHAR(64) CHARACTER SET utf8mb4,
	IN p_topic_id VARCHAR(64) CHARACTER SET utf8mb4,
	IN p_topic_title VARCHAR(200) CHARACTER SET utf8mb4,
	IN p_topic_url VARCHAR(2000) CHARACTER SET utf8mb4,
	IN p_route VARCHAR(64) CHARACTER SET ascii,
	IN p_key VARCHAR(255) CHARACTER SET utf8mb4,	-- Idempotency-Key; NULL: none
	IN p_body BINARY(32))
SQL SECURITY INVOKER
MODIFIES SQL DATA
direct: BEGIN
	DECLARE v_low BIGINT UNSIGNED DEFAULT LEAST(p_user, p_other);
	DECLARE v_high BIGINT UNSIGNED DEFAULT GREATEST(p_user, p_other);
	DECLARE v_id BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_status SMALLINT UNSIGNED DEFAULT NULL;
	DECLARE v_body BINARY(32) DEFAULT NULL;
	DECLARE v_time DATETIME(3) DEFAULT UTC_TIMESTAMP(3);
	DECLARE v_made BOOLEAN DEFAULT FALSE;
	DECLARE v_duplicate BOOLEAN DEFAULT FALSE;
	DECLARE v_rival BOOLEAN DEFAULT FALSE;
	DECLARE CONTINUE HANDLER FOR 1062 SET v_duplicate = TRUE;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	START TRANSACTION;
	IF p_key IS NOT NULL THEN
		-- Whoever comes second waits here until the first has committed.
		BEGIN
			DECLARE EXIT HANDLER FOR 1205 SET v_rival = TRUE;
			INSERT INTO idempotency_keys (user_id, route, idempotency_key, body_hash, status, made_id, created_at)
			VALUES (p_user, p_route, p_key, p_body, 0, 0, v_time);
		END;
		IF v_rival THEN
			ROLLBACK;
			SELECT 'in_progress' AS outcome, NULL AS id, NULL AS status;
			LEAVE direct;
		END IF;
		IF v_duplicate THEN
			ROLLBACK;
			SELECT made_id, status, body_hash INTO v_id, v_status, v_body FROM idempotency_keys
			 WHERE user_id = p_user AND route = p_route AND idempotency_key = p_key;
			SELECT IF(v_body = p_body, 'replayed', 'mismatch') AS outcome, v_id AS id, v_status AS status;
			LEAVE direct;
		END IF;
	END IF;
	SELECT id INTO v_id FROM conversations
	 WHERE direct_low = v_low AND direct_high = v_high AND topic_type = p_topic_type AND topic_id = p_topic_id;
	IF v_id IS NULL THEN
		INSERT INTO conversations (kind, direct_low, direct_high, topic_type, topic_id, topic_title, topic_url, member_count, active_at, created_at)
		VALUES ('direct', v_low, v_high, p_topic_type, p_topic_id, p_topic_title, p_topic_url, 2, v_time, v_time);
		IF v_duplicate THEN
			-- Made by somebody else in this moment, and committed.
			SELECT id INTO v_id FROM conversations
			 WHERE direct_low = v_low AND direct_high = v_high AND topic_type = p_topic_type AND topic_id = p_topic_id
			  LOCK IN SHARE MODE;
		ELSE
			SET v_id = LAST_INSERT_ID(), v_made = TRUE;
			INSERT INTO members (conversation_id, user_id, joined_at)
			VALUES (v_id, v_low, v_time), (v_id, v_high, v_time);
			INSERT INTO events (type, conversation_id, user_id, actor_id, timestamp, created_at, payload)
			VALUES ('conversation_refresh', v_id, v_low, p_user, v_time, v_time, '{"reason":"created","member_count":2}'),
			    ('conversation_refresh', v_id, v_high, p_user, v_time, v_time, '{"reason":"created","member_count":2}');
		END IF;
	END IF;
	IF p_key IS NOT NULL THEN
		UPDATE idempotency_keys SET made_id = v_id, status = IF(v_made, 201, 200)
		 WHERE user_id = p_user AND route = p_route AND idempotency_key = p_key;
	END IF;
	COMMIT;
	SELECT IF(v_made, 'made', 'found') AS outcome, v_id AS id, IF(v_made, 201, 200) AS status;
END;

-- Remove the oldest events and raise the floor; the result is how many.
CREATE PROCEDURE events_prune(IN p_before DATETIME(3), IN p_limit INT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_last BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_removed BIGINT UNSIGNED DEFAULT 0;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	SELECT MAX(pos) INTO v_last
	  FROM (SELECT pos, created_at FROM events WHERE pos > 0 ORDER BY pos LIMIT p_limit) oldest
	 WHERE created_at < p_before;
	IF v_last IS NOT NULL THEN
		START TRANSACTION;
		-- First, so that no stream is opened on what is about to go.
		UPDATE event_counter SET floor = GREATEST(floor, v_last) WHERE id = 1;
		DELETE FROM events WHERE pos > 0 AND pos <= v_last;
		SET v_removed = ROW_COUNT();
		COMMIT;
	END IF;
	SELECT v_removed AS removed;
END;
