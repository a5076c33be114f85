-- Sending, and finding or making the conversation to send in: one CALL each,
-- so that nothing is left half done and no lock is held across a round trip.
--
-- Every procedure that changes a conversation takes its row's lock first, by
-- the UPDATE that numbers; what it then reads without a lock is as of that
-- moment.  Whoever also touches message_rates does so before.

-- Take one message of what p_user may send in ten seconds, within the
-- caller's transaction.  p_retry_after: for how many seconds there is none
-- left; 0 when it was taken.
CREATE PROCEDURE message_take_rate(
	IN p_user BIGINT UNSIGNED,
	IN p_rate INT UNSIGNED,
	OUT p_retry_after INT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
	DECLARE v_full_at DATETIME(6) DEFAULT NULL;
	DECLARE v_step BIGINT UNSIGNED DEFAULT 10000000 DIV p_rate;

	SET p_retry_after = 0;
	UPDATE message_rates
	   SET full_at = GREATEST(full_at, v_now) + INTERVAL v_step MICROSECOND
	 WHERE user_id = p_user
	   AND full_at <= v_now + INTERVAL (10000000 - v_step) MICROSECOND;
	IF ROW_COUNT() = 0 THEN
		SELECT full_at INTO v_full_at FROM message_rates
		 WHERE user_id = p_user FOR UPDATE;
		IF v_full_at IS NOT NULL THEN
			SET p_retry_after = 1 + TIMESTAMPDIFF(SECOND,
			    v_now + INTERVAL (10000000 - v_step) MICROSECOND, v_full_at);
		END IF;
	END IF;
END;

-- Make the direct conversation of two people about a topic, within the
-- caller's transaction; both hear of it.  p_made is false when somebody else
-- made it in this moment.
CREATE PROCEDURE direct_make(
	IN p_user BIGINT UNSIGNED,
	IN p_other BIGINT UNSIGNED,
	IN p_topic_type VARBINARY(256),
	IN p_topic_id VARBINARY(256),
	IN p_topic_title VARCHAR(200) CHARACTER SET utf8mb4,
	IN p_topic_url VARCHAR(2000) CHARACTER SET utf8mb4,
	OUT p_id BIGINT UNSIGNED,
	OUT p_made BOOLEAN)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_low BIGINT UNSIGNED DEFAULT LEAST(p_user, p_other);
	DECLARE v_high BIGINT UNSIGNED DEFAULT GREATEST(p_user, p_other);
	DECLARE v_time DATETIME(3) DEFAULT UTC_TIMESTAMP(3);
	DECLARE v_locked BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_duplicate BOOLEAN DEFAULT FALSE;
	DECLARE CONTINUE HANDLER FOR 1062 SET v_duplicate = TRUE;

	-- One after the other: of several who insert the same at once, those who
	-- fail would share a lock that each then wants for itself.
	SELECT id INTO v_locked FROM users WHERE id = v_low FOR UPDATE;
	INSERT INTO conversations (kind, direct_low, direct_high, topic_type, topic_id, topic_title, topic_url, member_count, active_at, created_at)
	VALUES ('direct', v_low, v_high, p_topic_type, p_topic_id, p_topic_title, p_topic_url, 2, v_time, v_time);
	SET p_made = NOT v_duplicate;
	IF v_duplicate THEN
		SELECT id INTO p_id FROM conversations
		 WHERE direct_low = v_low AND direct_high = v_high AND topic_type = p_topic_type AND topic_id = p_topic_id
		   FOR UPDATE;
	ELSE
		SET p_id = LAST_INSERT_ID();
		INSERT INTO members (conversation_id, user_id, joined_at)
		VALUES (p_id, v_low, v_time), (p_id, v_high, v_time);
		INSERT INTO events (type, conversation_id, user_id, actor_id, timestamp, created_at, payload)
		VALUES ('conversation_refresh', p_id, v_low, p_user, v_time, v_time, '{"reason":"created","member_count":2}'),
		    ('conversation_refresh', p_id, v_high, p_user, v_time, v_time, '{"reason":"created","member_count":2}');
	END IF;
END;

-- Send a message: number it, store it, write its event, move the sender's
-- marks; without p_conversation, in the direct conversation with p_other about
-- the topic, which is made if need be and only if the message is sent.  The
-- result is one row: an outcome, and where there is a message its id, no,
-- time and conversation.
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
	IN p_other BIGINT UNSIGNED,
	IN p_topic_type VARBINARY(256),
	IN p_topic_id VARBINARY(256),
	IN p_topic_title VARCHAR(200) CHARACTER SET utf8mb4,
	IN p_topic_url VARCHAR(2000) CHARACTER SET utf8mb4,
	IN p_text TEXT CHARACTER SET utf8mb4,
	IN p_reply_to BIGINT UNSIGNED,
	IN p_client_id VARBINARY(256),
	IN p_client_hash BINARY(32),
	IN p_rate INT UNSIGNED,		-- messages in ten seconds; 0: any number
	IN p_payload MEDIUMTEXT CHARACTER SET utf8mb4)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_outcome VARCHAR(12) CHARACTER SET ascii DEFAULT 'sent';
	DECLARE v_conversation BIGINT UNSIGNED DEFAULT p_conversation;
	DECLARE v_made BOOLEAN DEFAULT FALSE;
	DECLARE v_retry_after INT UNSIGNED DEFAULT 0;
	DECLARE v_time DATETIME(3) DEFAULT NULL;
	DECLARE v_id BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_no BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_seq BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_found BIGINT UNSIGNED DEFAULT NULL;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	-- Outside the transaction, whose first look must come after its lock.
	IF v_conversation IS NULL THEN
		SELECT id INTO v_conversation FROM conversations
		 WHERE direct_low = LEAST(p_sender, p_other) AND direct_high = GREATEST(p_sender, p_other)
		   AND topic_type = p_topic_type AND topic_id = p_topic_id;
	END IF;

	START TRANSACTION;
	storing: BEGIN
		IF p_rate > 0 THEN
			CALL message_take_rate(p_sender, p_rate, v_retry_after);
			IF v_retry_after > 0 THEN
				SET v_outcome = 'rate_limited';
				LEAVE storing;
			END IF;
		END IF;
		IF v_conversation IS NULL THEN
			CALL direct_make(p_sender, p_other, p_topic_type, p_topic_id, p_topic_title, p_topic_url, v_conversation, v_made);
		END IF;

		UPDATE conversations
		   SET last_no = last_no + 1, event_seq = event_seq + 1,
		       active_at = GREATEST(active_at, UTC_TIMESTAMP(3))
		 WHERE id = v_conversation;
		SET v_time = UTC_TIMESTAMP(3);
		SELECT c.last_no, c.event_seq INTO v_no, v_seq
		  FROM conversations c
		  JOIN members m ON m.conversation_id = c.id AND m.user_id = p_sender
		 WHERE c.id = v_conversation;
		IF v_no IS NULL THEN
			SET v_outcome = 'not_found';
			LEAVE storing;
		END IF;
		IF p_reply_to IS NOT NULL THEN
			SELECT id INTO v_found FROM messages
			 WHERE id = p_reply_to AND conversation_id = v_conversation;
			IF v_found IS NULL THEN
				SET v_outcome = 'bad_reply';
				LEAVE storing;
			END IF;
		END IF;

		BEGIN
			-- Nothing else can hold this up: the conversation is ours.
			DECLARE EXIT HANDLER FOR 1205 SET v_outcome = 'in_progress';
			DECLARE EXIT HANDLER FOR 1062 SET v_outcome = 'duplicate';
			INSERT INTO messages (conversation_id, no, seq, sender_id, text, reply_to, client_id, client_hash, created_at)
			VALUES (v_conversation, v_no, v_seq, p_sender, p_text, p_reply_to, p_client_id, p_client_hash, v_time);
			SET v_id = LAST_INSERT_ID();
		END;
		IF v_outcome <> 'sent' THEN
			LEAVE storing;
		END IF;
		INSERT INTO events (type, conversation_id, seq, actor_id, author_id, message_id, no, timestamp, created_at, payload)
		VALUES ('chat_message', v_conversation, v_seq, p_sender, p_sender, v_id, v_no, v_time, v_time, p_payload);
		UPDATE members FORCE INDEX (PRIMARY) SET read_no = v_no, delivered_no = v_no
		 WHERE conversation_id = v_conversation AND user_id = p_sender;
	END;

	IF v_outcome = 'sent' THEN
		COMMIT;
	ELSE
		ROLLBACK;
		-- What was sent before needs no rate any more.
		IF v_outcome IN ('duplicate', 'rate_limited') THEN
			SELECT IF(conversation_id = v_conversation AND client_hash = p_client_hash, 'replayed', 'mismatch'),
			    id, no, created_at
			  INTO v_outcome, v_id, v_no, v_time
			  FROM messages
			 WHERE sender_id = p_sender AND client_id = p_client_id;
		END IF;
	END IF;
	SELECT v_outcome AS outcome, v_id AS id, v_no AS no, v_time AS created_at, v_conversation AS conversation_id, v_retry_after AS retry_after;
END;

-- Find or make the direct conversation of two people about a topic.  The
-- result is one row: outcome (found, made, replayed, mismatch, in_progress)
-- and its id.
CREATE PROCEDURE conversation_direct(
	IN p_user BIGINT UNSIGNED,
	IN p_other BIGINT UNSIGNED,
	IN p_topic_type VARBINARY(256),
	IN p_topic_id VARBINARY(256),
	IN p_topic_title VARCHAR(200) CHARACTER SET utf8mb4,
	IN p_topic_url VARCHAR(2000) CHARACTER SET utf8mb4,
	IN p_route VARCHAR(64) CHARACTER SET ascii,
	IN p_key VARBINARY(1020),	-- Idempotency-Key; NULL: none
	IN p_body BINARY(32))
SQL SECURITY INVOKER
MODIFIES SQL DATA
direct: BEGIN
	DECLARE v_outcome VARCHAR(12) CHARACTER SET ascii DEFAULT 'found';
	DECLARE v_id BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_status SMALLINT UNSIGNED DEFAULT 200;
	DECLARE v_made BOOLEAN DEFAULT FALSE;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	START TRANSACTION;
	IF p_key IS NOT NULL THEN
		BEGIN
			-- Whoever comes second waits here until the first has committed.
			DECLARE EXIT HANDLER FOR 1205 SET v_outcome = 'in_progress';
			DECLARE EXIT HANDLER FOR 1062 SET v_outcome = 'duplicate';
			INSERT INTO idempotency_keys (user_id, route, idempotency_key, body_hash, status, made_id, created_at)
			VALUES (p_user, p_route, p_key, p_body, 0, 0, UTC_TIMESTAMP(3));
		END;
		IF v_outcome <> 'found' THEN
			ROLLBACK;
			IF v_outcome = 'duplicate' THEN
				SELECT IF(body_hash = p_body, 'replayed', 'mismatch'), made_id, status
				  INTO v_outcome, v_id, v_status
				  FROM idempotency_keys
				 WHERE user_id = p_user AND route = p_route AND idempotency_key = p_key;
			END IF;
			SELECT v_outcome AS outcome, v_id AS id, v_status AS status;
			LEAVE direct;
		END IF;
	END IF;
	SELECT id INTO v_id FROM conversations
	 WHERE direct_low = LEAST(p_user, p_other) AND direct_high = GREATEST(p_user, p_other)
	   AND topic_type = p_topic_type AND topic_id = p_topic_id;
	IF v_id IS NULL THEN
		CALL direct_make(p_user, p_other, p_topic_type, p_topic_id, p_topic_title, p_topic_url, v_id, v_made);
	END IF;
	IF v_made THEN
		SET v_outcome = 'made', v_status = 201;
	END IF;
	IF p_key IS NOT NULL THEN
		UPDATE idempotency_keys SET made_id = v_id, status = v_status
		 WHERE user_id = p_user AND route = p_route AND idempotency_key = p_key;
	END IF;
	COMMIT;
	SELECT v_outcome AS outcome, v_id AS id, v_status AS status;
END;
