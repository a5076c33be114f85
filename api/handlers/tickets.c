#include <json-c/json.h>

#include "api/fields.h"
#include "api/handlers/handlers.h"
#include "common/token.h"
#include "db/json.h"

#define TICKET_SECONDS 30

/* POST /api/v1/tickets: a credential for one stream. */
enum err
tickets_create(struct request *req, struct response *res)
{
	struct json_object *json;
	char token[TOKEN_TEXT_SIZE];
	uint64_t expires_at;
	struct hash hash;
	enum err err = OK;

	/* There is nothing to say, so the body may be missing. */
	if (req->json != NULL)
		err = fields_read(req, NULL, 0);
	if (err != OK)
		return err;
	token_new(token);
	hash = hash_of(slice_of(token));
	err = ticket_create(req->db, &hash, req->caller.session_id,
	    req->caller.api_key_id, TICKET_SECONDS, &expires_at);
	if (err != OK)
		return err;
	json = json_object_new_object();
	json_object_object_add(json, "ticket", json_text(token));
	json_object_object_add(json, "expires_at", json_time(expires_at));
	return response_json(res, 201, json);
}
