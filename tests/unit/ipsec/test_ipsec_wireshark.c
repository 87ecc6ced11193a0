/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ipsec_wireshark.c - the lines; and tshark, if it is here, as judge of
 * what we seal.
 */
#include "ipsec_wireshark.h"

#include "base_err.h"
#include "ipsec_fixture.h"

#include <unistd.h>

static void writes_one_line_for_each_sa(void **state)
{
	struct ims_ipsec_set s =
		fix_set(6,
			(struct ims_ipsec_suite){IMS_ALG_HMAC_MD5,
						 IMS_EALG_NULL},
			true);
	char mem[IMS_WIRESHARK_LINES];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	assert_int_equal(ims_ipsec_wireshark_esp_sa(&s, &b), 0);
	assert_str(ims_buf_str(&b),
		   "\"IPv6\",\"2001:db8::10\",\"2001:db8::1\",\"0xa82588f1\","
		   "\"NULL\",\"\",\"HMAC-MD5-96 [RFC2403]\","
		   "\"0xf769bcd751044604127672711c6d3441\"\n"
		   "\"IPv6\",\"2001:db8::1\",\"2001:db8::10\",\"0x0008a239\","
		   "\"NULL\",\"\",\"HMAC-MD5-96 [RFC2403]\","
		   "\"0xf769bcd751044604127672711c6d3441\"\n"
		   "\"IPv6\",\"2001:db8::1\",\"2001:db8::10\",\"0x0008a23a\","
		   "\"NULL\",\"\",\"HMAC-MD5-96 [RFC2403]\","
		   "\"0xf769bcd751044604127672711c6d3441\"\n"
		   "\"IPv6\",\"2001:db8::10\",\"2001:db8::1\",\"0xce28e247\","
		   "\"NULL\",\"\",\"HMAC-MD5-96 [RFC2403]\","
		   "\"0xf769bcd751044604127672711c6d3441\"\n");
}

/* clang-format off */
static const struct {
	struct ims_ipsec_suite suite;
	const char *columns;
} rows[] = {
	{{IMS_ALG_NULL, IMS_EALG_AES_GCM},
	 "\"AES-GCM with 16 octet ICV [RFC4106]\",\"0xb40ba9a3c58b2a05bbf0d987b21bf8cb89273db6\",\"NULL\",\"\""},
	{{IMS_ALG_AES_GMAC, IMS_EALG_NULL},
	 "\"NULL\",\"\",\"AES-GMAC [RFC4543]\",\"0xf769bcd751044604127672711c6d3441dbc2b1c2\""},
	{{IMS_ALG_HMAC_SHA1, IMS_EALG_AES_CBC},
	 "\"AES-CBC [RFC3602]\",\"0xb40ba9a3c58b2a05bbf0d987b21bf8cb\","
	 "\"HMAC-SHA-1-96 [RFC2404]\",\"0xf769bcd751044604127672711c6d344100000000\""},
	{{IMS_ALG_HMAC_MD5, IMS_EALG_DES_EDE3_CBC},
	 "\"TripleDES-CBC [RFC2451]\",\"0xb40ba9a3c58b2a05bbf0d987b21bf8cbb40ba9a3c58b2a05\","
	 "\"HMAC-MD5-96 [RFC2403]\",\"0xf769bcd751044604127672711c6d3441\""},
};
/* clang-format on */

static void names_each_algorithm_and_its_keys(void **state)
{
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_ipsec_set s = fix_set(4, rows[i].suite, true);
		char mem[IMS_WIRESHARK_LINES], want[500];
		struct ims_buf b;

		snprintf(want, sizeof want,
			 "\"IPv4\",\"192.0.2.10\",\"192.0.2.1\",\"0xa82588f1\","
			 "%s,\"32-bit\",\"0x00000000\"\n",
			 rows[i].columns);
		ims_buf_init(&b, mem, sizeof mem);
		assert_int_equal(ims_ipsec_wireshark_secrets(&s, &b), 0);
		assert_true(b.n > strlen(want));
		assert_memory_equal(mem, want, strlen(want));
	}
}

static void of_gmac_wireshark_hears_nothing(void **state)
{
	struct ims_ipsec_set s =
		fix_set(4,
			(struct ims_ipsec_suite){IMS_ALG_AES_GMAC,
						 IMS_EALG_NULL},
			true);
	char mem[IMS_WIRESHARK_LINES];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	assert_int_equal(ims_ipsec_wireshark_esp_sa(&s, &b), -IMS_E_ALGO);
	assert_int_equal(b.n, 0);
}

static void without_room_nothing_is_written(void **state)
{
	struct ims_ipsec_set s = fix_set(6, ims_ipsec_suites[2], true);
	char mem[IMS_WIRESHARK_LINES];
	struct ims_buf b;
	size_t need;

	for (int a = 0; a < IMS_N_ARROWS; a++) {
		memset(s.sa[a].src.ip.b, 0xff, 16); /* the longest text */
		memset(s.sa[a].dst.ip.b, 0xff, 16);
	}
	ims_buf_init(&b, mem, sizeof mem);
	assert_int_equal(ims_ipsec_wireshark_secrets(&s, &b), 0);
	need = b.n;
	for (size_t cap = 0; cap < need; cap += 7) {
		ims_buf_init(&b, mem, cap);
		assert_int_equal(ims_ipsec_wireshark_secrets(&s, &b),
				 -IMS_E_TOOBIG);
		assert_int_equal(b.n, 0);
	}
	ims_buf_init(&b, mem, need);
	assert_int_equal(ims_ipsec_wireshark_secrets(&s, &b), 0);
}

static void put32(FILE *f, size_t v)
{
	uint32_t w = (uint32_t)v;

	fwrite(&w, 4, 1, f);
}

/* A capture of bare IP packets. */
static void put_packet(FILE *f, const uint8_t *p, size_t n)
{
	put32(f, 0);
	put32(f, 0);
	put32(f, n);
	put32(f, n);
	fwrite(p, 1, n, f);
}

/* One packet on each SA of the set; the UE and the P-CSCF take turns. */
static void capture(FILE *f, const struct ims_ipsec_set *s)
{
	uint64_t seed = s->id;
	struct ims_rand rnd = ims_rand_seeded(&seed);
	struct ims_ipsec_engine *e[2];
	struct ims_ipsec_set half = *s;

	for (int ue = 0; ue < 2; ue++) {
		e[ue] = ims_ipsec_engine_new(&rnd);
		half.ue = ue;
		assert_int_equal(ims_ipsec_engine_add(e[ue], &half), 0);
	}
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		bool from_ue = a == IMS_UC_TO_PS || a == IMS_US_TO_PC;
		uint8_t ip[600], esp[700];
		size_t n = fix_packet(ip, &s->sa[a].src, &s->sa[a].dst,
				      a % 2 ? 6 : 17, 300);
		int len = ims_ipsec_engine_out(e[from_ue], ip, n, esp,
					       sizeof esp);

		assert_true(len > 0);
		put_packet(f, esp, (size_t)len);
	}
	ims_ipsec_engine_free(e[0]);
	ims_ipsec_engine_free(e[1]);
}

/* The command line that reads the capture with these lines of esp_sa. */
static void command(char *out, size_t cap, const char *file, const char *lines)
{
	struct ims_buf b;
	const char *end;

	ims_buf_init(&b, out, cap);
	ims_buf_printf(&b,
		       "tshark -r %s -o esp.enable_encryption_decode:TRUE "
		       "-o esp.enable_authentication_check:TRUE -T fields "
		       "-e esp.spi -e esp.icv_good -e udp.srcport "
		       "-e tcp.srcport",
		       file);
	for (; (end = strchr(lines, '\n')); lines = end + 1)
		ims_buf_printf(&b, " -o 'uat:esp_sa:%.*s'", (int)(end - lines),
			       lines);
	ims_buf_puts(&b, " 2>/dev/null");
	assert_false(b.over);
	ims_buf_cstr(&b);
}

static void judge(const char *shell, const struct ims_ipsec_set *sets,
		  size_t n_sets)
{
	FILE *p = popen(shell, "r");
	char line[200], want[200];
	size_t n = 0;

	assert_non_null(p);
	for (; fgets(line, sizeof line, p); n++) {
		const struct ims_ipsec_sa *sa = &sets[n / 4].sa[n % 4];

		assert_true(n < n_sets * 4);
		snprintf(want, sizeof want, "0x%08x\t1\t%s%u%s\n",
			 (unsigned)sa->spi, n % 2 ? "\t" : "", sa->src.port,
			 n % 2 ? "" : "\t");
		assert_string_equal(line, want);
	}
	assert_int_equal(pclose(p), 0);
	assert_int_equal(n, n_sets * 4);
}

static void tshark_decrypts_with_a_good_icv(void **state)
{
	static struct ims_ipsec_set sets[2 * IMS_N_SUITES];
	static char lines[sizeof sets / sizeof *sets * IMS_WIRESHARK_LINES];
	static char shell[sizeof lines * 2];
	char file[] = "/tmp/ims-esp-XXXXXX";
	struct ims_buf b;
	size_t n = 0;
	FILE *f;

	if (system("tshark --version >/dev/null 2>&1")) {
		print_message("skipped: no tshark here\n");
		skip();
	}
	f = fdopen(mkstemp(file), "w");
	assert_non_null(f);
	put32(f, 0xa1b2c3d4);
	put32(f, 2 | 4 << 16);
	put32(f, 0);
	put32(f, 0);
	put32(f, 65535);
	put32(f, 101); /* bare IP */
	ims_buf_init(&b, lines, sizeof lines);
	for (int i = 0; i < 2 * IMS_N_SUITES; i++) {
		struct ims_ipsec_set *s = &sets[n];

		*s = fix_set(i % 2 ? 6 : 4, ims_ipsec_suites[i / 2], true);
		s->id = (uint32_t)i + 1;
		for (int a = 0; a < IMS_N_ARROWS; a++)
			s->sa[a].spi += (uint32_t)i * 0x100;
		if (ims_ipsec_wireshark_esp_sa(s, &b) == -IMS_E_ALGO)
			continue;
		capture(f, s);
		n++;
	}
	fclose(f);
	assert_int_equal(n, 14);
	command(shell, sizeof shell, file, ims_buf_cstr(&b));
	judge(shell, sets, n);
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_one_line_for_each_sa),
		cmocka_unit_test(names_each_algorithm_and_its_keys),
		cmocka_unit_test(of_gmac_wireshark_hears_nothing),
		cmocka_unit_test(without_room_nothing_is_written),
		cmocka_unit_test(tshark_decrypts_with_a_good_icv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
