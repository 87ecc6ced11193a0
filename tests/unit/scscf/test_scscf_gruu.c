/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_gruu.c - addresses of one device, in the 200 and in reginfo. */
#include "watch.h"

#define WALL UINT64_C(1700000000000)
#define ASKS "Supported: path, gruu\r\n"

static struct ims_scscf_conf conf;

static int begin(void **state)
{
	conf = mw_conf();
	conf.gruu = true;
	conf.wall_ms = WALL;
	world_init(&world, &conf);
	return 0;
}

struct gruus {
	char pub[256], temp[256];
};

static void copy_after(const char *mark, char *out, size_t cap)
{
	const char *p = strstr(world.sent[0], mark);
	size_t n;

	out[0] = 0;
	if (!p)
		return;
	p += strlen(mark);
	n = strcspn(p, "\"");
	assert_true(n < cap);
	memcpy(out, p, n);
	out[n] = 0;
}

static struct gruus gruus(void)
{
	struct gruus g;

	copy_after(";pub-gruu=\"", g.pub, sizeof(g.pub));
	copy_after(";temp-gruu=\"", g.temp, sizeof(g.temp));
	return g;
}

static struct gruus enter(const char *call_id, const char *lines)
{
	struct reg r = {.cseq = 1, .call_id = call_id, .lines = lines};

	do_register(&world, r);
	assert_int_equal(take_401(&world), IMS_CARD_OK);
	r = inside(&world, 2);
	r.call_id = call_id;
	r.lines = lines;
	do_register(&world, r);
	assert_status(&world, 200);
	return gruus();
}

static struct gruus refresh(const char *call_id, unsigned cseq)
{
	struct reg r = inside(&world, cseq);

	r.call_id = call_id;
	r.lines = ASKS;
	do_register(&world, r);
	assert_status(&world, 200);
	return gruus();
}

static void only_who_asks_gets_them(void **state)
{
	struct gruus g = enter("c", "");

	assert_string_equal(g.pub, "");
	assert_string_equal(g.temp, "");
	conf.gruu = false;
	restart_with(&conf);
	g = enter("c", ASKS);
	assert_string_equal(g.pub, "");
	assert_string_equal(g.temp, "");
}

static void the_public_one_is_the_same_and_tells_no_imei(void **state)
{
	struct gruus a = enter("c", ASKS), b, c;

	assert_true(
		ims_str_starts(ims_str(a.pub), IMS_S(ALICE ";gr=urn:uuid:")));
	assert_int_equal(strlen(a.pub), sizeof(ALICE ";gr=urn:uuid:") - 1 + 36);
	assert_null(strstr(a.pub, "359105"));
	b = refresh("c", 3);
	assert_string_equal(a.pub, b.pub);
	/* also after a restart, and for a new registration after it */
	assert_int_equal(restart_kept(&world, &conf, WALL + world.now), 0);
	b = refresh("c", 4);
	assert_string_equal(a.pub, b.pub);
	c = enter("d", ASKS);
	assert_string_equal(a.pub, c.pub);
	/* another S-CSCF makes another one of the same IMEI */
	memset(world.kept, 0, sizeof(world.kept));
	restart_kept(&world, &conf, WALL + world.now);
	c = enter("d", ASKS);
	assert_string_not_equal(a.pub, c.pub);
}

static void an_instance_that_is_a_uuid_is_taken_as_it_is(void **state)
{
	static const char contact[] =
		PHONE ";+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-"
		      "00a0c91e6bf6>\"";
	struct reg r = {.cseq = 1, .contact = contact, .lines = ASKS};

	do_register(&world, r);
	take_401(&world);
	r = inside(&world, 2);
	r.contact = contact;
	r.lines = ASKS;
	do_register(&world, r);
	assert_string_equal(gruus().pub, ALICE ";gr=urn:uuid:f81d4fae-7dec-"
					       "11d0-a765-00a0c91e6bf6");
}

static void temporary_ones_have_nothing_in_common(void **state)
{
	struct gruus a = enter("c", ASKS), b = refresh("c", 3), c;

	assert_true(ims_str_starts(ims_str(a.temp), IMS_S("sip:tgruu.")));
	assert_true(ims_str_ends(ims_str(a.temp), IMS_S("@" DOMAIN ";gr")));
	assert_null(strstr(a.temp, "001010"));
	assert_string_not_equal(a.temp, b.temp);
	/* the lost 200 says the same again */
	c = refresh("c", 3);
	assert_string_equal(b.temp, c.temp);
}

static void reginfo_has_them_too(void **state)
{
	struct gruus g = enter("c", ASKS);

	do_subscribe(&world, (struct sub){.cseq = 1});
	document(1);
	assert_non_null(strstr(world.sent[1],
			       "xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\""));
	assert_str(info.reg[0].contact[0].pub_gruu, g.pub);
	assert_str(info.reg[0].contact[0].temp_gruu, g.temp);
	assert_int_equal(info.reg[0].contact[0].first_cseq, 2);
	assert_int_equal(info.reg[0].contact[0].cseq, 2);
	assert_str(info.reg[0].contact[0].callid, "c");
	assert_int_equal(info.reg[1].contact[0].pub_gruu.n, 0); /* tel */
	answer_notify(&world, 1, 200, "");
	/* in the same call the old ones stay good, in a new one they do not */
	refresh("c", 3);
	document(1);
	assert_int_equal(info.reg[0].contact[0].first_cseq, 2);
	assert_int_equal(info.reg[0].contact[0].cseq, 3);
	answer_notify(&world, 1, 200, "");
	refresh("new", 9);
	document(1);
	assert_int_equal(info.reg[0].contact[0].first_cseq, 9);
}

static void without_an_instance_there_is_none(void **state)
{
	struct reg r = {.cseq = 1, .contact = PHONE, .lines = ASKS};

	do_register(&world, r);
	take_401(&world);
	r = inside(&world, 2);
	r.contact = PHONE ";pub-gruu=\"sip:forged@x\"";
	r.lines = ASKS;
	do_register(&world, r);
	assert_status(&world, 200);
	assert_string_equal(gruus().pub, "");
}

static void the_secret_is_kept_only_when_it_is_used(void **state)
{
	enter("c", "");
	assert_null(kept(&world, "*"));
	enter("d", ASKS);
	assert_non_null(kept(&world, "*"));
}

static void look(void *arg, const struct ims_scscf_info *i)
{
	assert_str(i->contact[0].pub_gruu, arg);
}

static void who_looks_sees_the_public_one(void **state)
{
	struct gruus g = enter("c", ASKS);

	ims_scscf_each(world.s, world.now, look, g.pub);
}

#define TG(t) cmocka_unit_test_setup_teardown(t, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TG(only_who_asks_gets_them),
		TG(the_public_one_is_the_same_and_tells_no_imei),
		TG(an_instance_that_is_a_uuid_is_taken_as_it_is),
		TG(temporary_ones_have_nothing_in_common),
		TG(reginfo_has_them_too),
		TG(without_an_instance_there_is_none),
		TG(the_secret_is_kept_only_when_it_is_used),
		TG(who_looks_sees_the_public_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
