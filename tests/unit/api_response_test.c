#include "api/response.h"

#include "tests/lib/test.h"

TEST(headers_have_64_kib_and_no_more)
{
	static char value[64 * 1024];
	struct response res;

	/* Room for "X: " and the end of the line. */
	memset(value, 'x', sizeof(value) - 5);
	response_init(&res);
	response_header(&res, "X", value);
	CHECK(response_fits(&res));
	CHECK(res.headers.len == sizeof(value));
	response_done(&res);

	response_init(&res);
	response_header(&res, "XX", value);
	CHECK(!response_fits(&res));
	response_done(&res);
}

TEST_MAIN()
