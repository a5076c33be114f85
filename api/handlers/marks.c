#include <json-c/json.h>

#include "api/fields.h"
#include "api/handlers/handlers.h"
#include "common/doorbell.h"
#include "db/conversations.h"
#include "db/json.h"

static enum err
read_number(struct request *req, const char *name, uint64_t least,
    uint64_t *ret_id, uint64_t *ret_no)
{
	const struct field fields[] = {
		FIELD_NUMBER(name, REQUIRED, least, ID_MAX, ret_no),
	};
	enum err err = request_id(req, "id", ret_id);

	if (err != OK)
		return err;
	return fields_read(req, fields, FIELDS(fields));
}

static enum err
answer(struct request *req, struct response *res, uint64_t id,
    const struct marks *marks)
{
	if (marks->moved)
		bell_look(req->bell);
	return response_json(res, 200, marks_json(id, marks));
}

static enum err
move(struct request *req, struct response *res, enum mark mark)
{
	struct marks marks;
	uint64_t id = 0, up_to = 0;
	enum err err = read_number(req, "up_to", 0, &id, &up_to);

	if (err == OK)
		err = conversation_mark(req->db, req->caller.user_id, id, mark,
		    up_to, (uint64_t)req->config->receipts_members, &marks);
	if (err != OK)
		return err;
	return answer(req, res, id, &marks);
}

/* POST /api/v1/conversations/:id/read {"up_to": NO}. */
enum err
marks_read(struct request *req, struct response *res)
{
	return move(req, res, MARK_READ);
}

/* POST /api/v1/conversations/:id/delivered {"up_to": NO}. */
enum err
marks_delivered(struct request *req, struct response *res)
{
	return move(req, res, MARK_DELIVERED);
}

/* POST /api/v1/conversations/:id/unread {"from": NO}: to be read again. */
enum err
marks_unread(struct request *req, struct response *res)
{
	struct marks marks;
	uint64_t id = 0, from = 0;
	enum err err = read_number(req, "from", 1, &id, &from);

	if (err == OK)
		err = conversation_mark_unread(req->db, req->caller.user_id, id,
		    from, (uint64_t)req->config->receipts_members, &marks);
	if (err != OK)
		return err;
	return answer(req, res, id, &marks);
}
