#include "common/site.h"

#include "tests/lib/test.h"

TEST(a_word_is_listed_whole_and_in_any_case)
{
	CHECK(site_is_listed("unix 127.0.0.1 ::1", "127.0.0.1"));
	CHECK(site_is_listed(" unix\t::1 ", "UNIX"));
	CHECK(!site_is_listed("127.0.0.10", "127.0.0.1"));
	CHECK(!site_is_listed("127.0.0.1", "127.0.0.10"));
	CHECK(!site_is_listed("unix", ""));
	CHECK(!site_is_listed("", "unix"));
}

TEST(an_address_is_numbers)
{
	CHECK(site_is_address("127.0.0.1"));
	CHECK(site_is_address("2001:db8::1"));
	CHECK(!site_is_address("127.0.0"));
	CHECK(!site_is_address("localhost"));
	CHECK(!site_is_address(""));
}

TEST(an_origin_is_a_scheme_and_an_authority)
{
	struct slice host = slice_of("Example.org:8080");

	CHECK(site_is_origin("http://example.org:8080", false, host));
	CHECK(!site_is_origin("https://example.org:8080", false, host));
	CHECK(!site_is_origin("http://example.org:8080", true, host));
	CHECK(!site_is_origin("http://example.org", false, host));
	CHECK(!site_is_origin("http://example.org:8080.evil", false, host));
	CHECK(!site_is_origin("null", false, host));
	CHECK(!site_is_origin("", false, slice_of("")));
	CHECK(!site_is_origin("http://", false, slice_of("")));
}

TEST(the_usual_port_may_be_written_or_not)
{
	CHECK(site_is_origin(
	    "https://example.org", true, slice_of("example.org:443")));
	CHECK(site_is_origin(
	    "https://example.org:443", true, slice_of("example.org")));
	CHECK(site_is_origin(
	    "http://example.org:80", false, slice_of("example.org")));
	CHECK(!site_is_origin(
	    "http://example.org:443", false, slice_of("example.org")));
}

TEST(an_authority_is_what_a_url_has_after_its_scheme)
{
	CHECK(slice_is(site_authority("https://a.example:1/x"), "a.example:1"));
	CHECK(slice_is(site_authority("https://a.example?x"), "a.example"));
	CHECK(slice_is(site_authority("a.example"), ""));
	CHECK(slice_is(site_authority(""), ""));
}

TEST_MAIN()
