/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cap_pcapng_read.c - blocks of any writer, in both byte orders. */
#include "cap_test.h"

/* A file under construction, in host order or turned round. */
struct pen {
	uint8_t b[4096];
	size_t n, start;
	bool swap;
};

static void p32(struct pen *p, uint32_t v)
{
	if (p->swap)
		v = __builtin_bswap32(v);
	memcpy(p->b + p->n, &v, 4);
	p->n += 4;
}

static void p16(struct pen *p, uint16_t v)
{
	if (p->swap)
		v = __builtin_bswap16(v);
	memcpy(p->b + p->n, &v, 2);
	p->n += 2;
}

static void pbytes(struct pen *p, const void *bytes, size_t n)
{
	memcpy(p->b + p->n, bytes, n);
	p->n += n;
	while (p->n % 4)
		p->b[p->n++] = 0;
}

static void option(struct pen *p, uint16_t code, const void *v, uint16_t n)
{
	p16(p, code);
	p16(p, n);
	pbytes(p, v, n);
}

static void begin(struct pen *p, uint32_t type)
{
	p->start = p->n;
	p32(p, type);
	p32(p, 0);
}

static void end(struct pen *p)
{
	uint32_t len = (uint32_t)(p->n + 4 - p->start);
	size_t n = p->n;

	p->n = p->start + 4;
	p32(p, len);
	p->n = n;
	p32(p, len);
}

static void section(struct pen *p)
{
	begin(p, 0x0A0D0D0A);
	p32(p, 0x1A2B3C4D);
	p16(p, 1);
	p16(p, 0);
	p32(p, 0xffffffff);
	p32(p, 0xffffffff);
	end(p);
}

/* resolution 0: without the option */
static void interface(struct pen *p, uint16_t link, uint32_t snap,
		      uint8_t resolution)
{
	begin(p, 1);
	p16(p, link);
	p16(p, 0);
	p32(p, snap);
	if (resolution)
		option(p, 9, &resolution, 1);
	end(p);
}

static void packet(struct pen *p, uint32_t iface, uint64_t t, const char *text)
{
	begin(p, 6);
	p32(p, iface);
	p32(p, (uint32_t)(t >> 32));
	p32(p, (uint32_t)t);
	p32(p, (uint32_t)strlen(text));
	p32(p, 1000);
	pbytes(p, text, strlen(text));
	option(p, 77, "x", 1);
	option(p, 1, "said", 4);
	p32(p, 0);
	end(p);
}

/* The first item from `skip` on; its return value. */
static int read_item(const struct pen *p, unsigned skip,
		     struct ims_pcapng_item *out)
{
	struct ims_pcapng r;
	int err = ims_pcapng_open(&r, ims_str_n(p->b, p->n));

	assert_int_equal(err, 0);
	do
		err = ims_pcapng_next(&r, out);
	while (err > 0 && skip--);
	return err;
}

static void both_byte_orders_are_read(void **state)
{
	for (int swap = 0; swap < 2; swap++) {
		struct pen p = {.swap = swap};
		struct ims_pcapng_item it;

		section(&p);
		interface(&p, 1, 0, 0);
		packet(&p, 0, 1700000000123456, "five!");
		assert_int_equal(read_item(&p, 0, &it), 1);
		assert_int_equal(it.kind, IMS_PCAPNG_SECTION);
		assert_int_equal(read_item(&p, 1, &it), 1);
		assert_int_equal(it.kind, IMS_PCAPNG_PACKET);
		assert_int_equal(it.link, 1);
		assert_int_equal(it.ns, 1700000000123456000);
		assert_int_equal(it.wire_len, 1000);
		assert_str(it.bytes, "five!");
		assert_str(it.comment, "said");
		assert_int_equal(read_item(&p, 2, &it), 0);
	}
}

static void sections_of_both_orders_may_follow_each_other(void **state)
{
	struct pen p = {0};
	struct ims_pcapng_item it;

	section(&p);
	interface(&p, 1, 0, 0);
	packet(&p, 0, 1, "one");
	p.swap = true;
	section(&p);
	interface(&p, 101, 0, 9);
	packet(&p, 0, 2, "two");
	assert_int_equal(read_item(&p, 3, &it), 1);
	assert_str(it.bytes, "two");
	assert_int_equal(it.link, 101);
	assert_int_equal(it.ns, 2);
}

static void time_is_in_nanoseconds(void **state)
{
	static const struct {
		uint8_t resolution;
		uint64_t t, ns;
	} rows[] = {
		{9, 1700000000123456789, 1700000000123456789},
		{3, 1700000000123, 1700000000123000000},
		{12, 1700000123456, 1700000123},
		{19, 15000000000000000000u, 1500000000},
		{20, 5, 0}, /* finer than can be said */
		{0x80, 17, 17000000000},
		{0x81, 3, 1500000000},
		{0xa0, ((uint64_t)7 << 32) + 0x80000000, 7500000000},
		{0xbf, ((uint64_t)1 << 63) + ((uint64_t)1 << 62), 1500000000},
		{0xff, 5, 0},
	};

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct pen p = {0};
		struct ims_pcapng_item it;

		section(&p);
		interface(&p, 1, 0, rows[i].resolution);
		packet(&p, 0, rows[i].t, "x");
		assert_int_equal(read_item(&p, 1, &it), 1);
		assert_int_equal(it.ns, rows[i].ns);
	}
}

static void unknown_blocks_and_options_are_skipped(void **state)
{
	struct pen p = {.swap = true};
	struct ims_pcapng_item it;

	section(&p);
	begin(&p, 0x0BADCAFE);
	pbytes(&p, "whatever", 8);
	end(&p);
	interface(&p, 1, 0, 0);
	begin(&p, 5); /* statistics */
	end(&p);
	packet(&p, 0, 1, "x");
	assert_int_equal(read_item(&p, 1, &it), 1);
	assert_int_equal(it.kind, IMS_PCAPNG_PACKET);
}

static void a_simple_packet_is_cut_to_the_snap_length(void **state)
{
	struct pen p = {0};
	struct ims_pcapng_item it;

	section(&p);
	interface(&p, 1, 6, 0);
	begin(&p, 3);
	p32(&p, 100);
	pbytes(&p, "123456", 6);
	end(&p);
	assert_int_equal(read_item(&p, 1, &it), 1);
	assert_str(it.bytes, "123456");
	assert_int_equal(it.wire_len, 100);
	assert_int_equal(it.ns, 0);
}

static void names_and_secrets_are_given(void **state)
{
	struct pen p = {.swap = true};
	struct ims_pcapng_item it;

	section(&p);
	begin(&p, 4);
	option(&p, 9, "?", 1);            /* unknown record */
	option(&p, 1, "\xc0\x00\x02", 3); /* too short */
	option(&p, 1, "\xc0\x00\x02\x01ue\0other", 12);
	option(&p, 1, "\xc0\x00\x02\x02plain", 9); /* without its zero */
	p32(&p, 0);
	option(&p, 1, "behind the end of the list", 26);
	end(&p);
	begin(&p, 10);
	p32(&p, 0x45535053);
	p32(&p, 6);
	pbytes(&p, "secret", 6);
	end(&p);
	assert_int_equal(read_item(&p, 1, &it), 1);
	assert_int_equal(it.kind, IMS_PCAPNG_NAME);
	assert_str(it.text, "ue");
	assert_true(ims_ip_eq(it.ip, cap_ip("192.0.2.1")));
	assert_int_equal(read_item(&p, 2, &it), 1);
	assert_str(it.text, "plain");
	assert_int_equal(read_item(&p, 3, &it), 1);
	assert_int_equal(it.kind, IMS_PCAPNG_SECRETS);
	assert_int_equal(it.type, 0x45535053);
	assert_str(it.text, "secret");
	assert_int_equal(read_item(&p, 4, &it), 0);
}

static void a_packet_of_no_interface_is_an_error(void **state)
{
	struct pen p = {0};
	struct ims_pcapng_item it;

	section(&p);
	packet(&p, 0, 1, "x");
	assert_int_equal(read_item(&p, 1, &it), -IMS_E_SYNTAX);
}

static void too_many_interfaces_are_an_error(void **state)
{
	struct pen p = {0};
	struct ims_pcapng_item it;

	section(&p);
	for (int i = 0; i <= IMS_PCAPNG_INTERFACES; i++)
		interface(&p, 1, 0, 0);
	assert_int_equal(read_item(&p, 1, &it), -IMS_E_TOOBIG);
}

static void lengths_that_lie_are_errors(void **state)
{
	struct pen p = {0};
	struct ims_pcapng_item it;
	size_t at;

	section(&p);
	interface(&p, 1, 0, 0);
	at = p.n;
	packet(&p, 0, 1, "12345");
	for (size_t i = 0; i < 4; i++) { /* of the block, of the data */
		static const uint32_t bad[] = {0, 11, 13, 0xfffffffc};
		struct pen q = p;

		memcpy(q.b + at + 4, &bad[i], 4);
		assert_int_equal(read_item(&q, 1, &it), -IMS_E_SYNTAX);
		q = p;
		memcpy(q.b + at + 20, &(uint32_t){1000 + bad[i] % 7}, 4);
		assert_int_equal(read_item(&q, 1, &it), -IMS_E_SYNTAX);
	}
}

static void a_file_cut_short_gives_what_was_whole(void **state)
{
	struct pen p = {0};
	struct ims_pcapng_item it;
	size_t whole;

	section(&p);
	interface(&p, 1, 0, 0);
	packet(&p, 0, 1, "one");
	whole = p.n;
	packet(&p, 0, 2, "two");
	for (size_t n = whole + 1; n < p.n; n++) {
		struct pen q = p;

		q.n = n;
		assert_int_equal(read_item(&q, 1, &it), 1);
		assert_int_equal(read_item(&q, 2, &it), -IMS_E_SYNTAX);
	}
}

static void after_an_error_comes_the_end(void **state)
{
	struct pen p = {0};
	struct ims_pcapng_item it;
	struct ims_pcapng r;

	section(&p);
	packet(&p, 0, 1, "x");
	assert_int_equal(ims_pcapng_open(&r, ims_str_n(p.b, p.n)), 0);
	assert_int_equal(ims_pcapng_next(&r, &it), 1);
	assert_int_equal(ims_pcapng_next(&r, &it), -IMS_E_SYNTAX);
	assert_int_equal(ims_pcapng_next(&r, &it), 0);
}

static void what_is_no_pcapng_is_not_opened(void **state)
{
	struct ims_pcapng r = {.n_interfaces = 3};
	struct pen p = {0};

	assert_int_equal(ims_pcapng_open(&r, IMS_S("")), -IMS_E_SYNTAX);
	assert_int_equal(ims_pcapng_open(&r, IMS_S("\xd4\xc3\xb2\xa1 and a lot "
						   "more of old pcap")),
			 -IMS_E_SYNTAX);
	interface(&p, 1, 0, 0);
	assert_int_equal(ims_pcapng_open(&r, ims_str_n(p.b, p.n)),
			 -IMS_E_SYNTAX);
	assert_int_equal(r.n_interfaces, 3); /* untouched */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_byte_orders_are_read),
		cmocka_unit_test(sections_of_both_orders_may_follow_each_other),
		cmocka_unit_test(time_is_in_nanoseconds),
		cmocka_unit_test(unknown_blocks_and_options_are_skipped),
		cmocka_unit_test(a_simple_packet_is_cut_to_the_snap_length),
		cmocka_unit_test(names_and_secrets_are_given),
		cmocka_unit_test(a_packet_of_no_interface_is_an_error),
		cmocka_unit_test(too_many_interfaces_are_an_error),
		cmocka_unit_test(lengths_that_lie_are_errors),
		cmocka_unit_test(a_file_cut_short_gives_what_was_whole),
		cmocka_unit_test(after_an_error_comes_the_end),
		cmocka_unit_test(what_is_no_pcapng_is_not_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
