-- How far somebody has read, and what has reached them.
--
-- As in every procedure that changes a conversation, its row's lock comes
-- first, and what is then read without a lock is as of that moment.

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
-- Then only the person's own list changes, and only they hear of it.  From
-- beyond the mark it is reading what is before, with everything that goes with
-- that.
CREATE PROCEDURE conversation_mark_unread(
	IN p_user BIGINT UNSIGNED,
	IN p_conversation BIGINT UNSIGNED,
	IN p_from BIGINT UNSIGNED,
	IN p_receipts_members BIGINT UNSIGNED)
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
	IF p_from - 1 > v_old_no THEN
		ROLLBACK;
		CALL conversation_mark(p_user, p_conversation, 'read', p_from - 1, p_receipts_members);
		LEAVE mark;
	END IF;
	SET v_read_no = p_from - 1;
	IF v_read_no <> v_old_no THEN
		SET v_time = UTC_TIMESTAMP(3);
		UPDATE members FORCE INDEX (PRIMARY) SET read_no = v_read_no
		 WHERE conversation_id = p_conversation AND user_id = p_user;
		INSERT INTO events (type, conversation_id, user_id, actor_id, timestamp, created_at, payload)
		VALUES ('conversation_refresh', p_conversation, p_user, p_user, v_time, v_time, '{"reason":"updated"}');
	END IF;
	COMMIT;
	SELECT TRUE AS found, v_read_no <> v_old_no AS moved, v_read_no AS read_no, v_delivered_no AS delivered_no, v_last_no - v_read_no AS unread_count;
END;
