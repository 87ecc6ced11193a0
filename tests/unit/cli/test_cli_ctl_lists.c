/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cli_ctl_lists.c - bindings and SAs for people. */
#include "test.h"

#include "cli_ctl_lists.h"

static char out[8192];

static const char *shown(const char *json, void (*show)(FILE *, const json_t *))
{
	json_t *o = json_loads(json, 0, NULL);
	FILE *f;

	memset(out, 0, sizeof out);
	f = fmemopen(out, sizeof out - 1, "w");
	assert_non_null(f);
	assert_non_null(o);
	show(f, o);
	fclose(f);
	json_decref(o);
	return out;
}

#define SA(arrow, name, spi, hex, src, dst, packets, replay)            \
	"{\"arrow\":\"" arrow "\",\"name\":\"" name "\",\"spi\":" spi   \
	",\"spi_hex\":\"" hex "\",\"src\":\"" src "\",\"dst\":\"" dst   \
	"\",\"packets\":" packets ",\"bytes\":4294967295,\"dropped\":{" \
	"\"replay\":" replay ",\"icv\":1}}"

static void sas_are_aligned(void **state)
{
	assert_string_equal(
		shown("{\"sets\":[{\"set\":3,\"impi\":\"a@b\",\"life\":\"in "
		      "use\",\"alg\":\"null\",\"ealg\":\"aes-gcm\",\"ends_s\":"
		      "595,\"sas\":[" SA("uc->ps", "spi_ps", "4141344435",
					 "0xf6d8f6b3", "[2001:db8::10]:38003",
					 "[2001:db8::1]:5062", "7",
					 "2") "," SA("ps->uc", "spi_uc", "256",
						     "0x00000100",
						     "[2001:db8::1]:5062",
						     "[2001:db8::10]:38003",
						     "12345678", "0") "]}]}",
		      ims_cli_ctl_show_sas),
		"set 3  a@b\n"
		"  in use, null/aes-gcm, 595 s left; UE [2001:db8::10], "
		"P-CSCF [2001:db8::1]\n"
		"  SA      ports           SPI                           "
		"packets      bytes  dropped\n"
		"  uc->ps  38003 -> 5062   spi_ps 4141344435 0xf6d8f6b3    "
		"    7 4294967295  replay 2, icv 1\n"
		"  ps->uc   5062 -> 38003  spi_uc        256 0x00000100 "
		"12345678 4294967295  icv 1\n");
}

static void without_any_it_says_so(void **state)
{
	assert_string_equal(shown("{\"sets\":[]}", ims_cli_ctl_show_sas),
			    "no SA set\n");
	assert_string_equal(shown("{\"users\":[]}", ims_cli_ctl_show_bindings),
			    "nobody is registered\n");
}

static void a_users_bindings_and_watchers_stand_below_him(void **state)
{
	assert_string_equal(
		shown("{\"users\":[{\"impi\":\"a@b\",\"impus\":[{\"uri\":"
		      "\"sip:a@b\",\"registered\":true,\"barred\":false},{"
		      "\"uri\":\"tel:1\",\"registered\":false,\"barred\":true}"
		      ",{\"uri\":\"tel:2\",\"registered\":false,\"barred\":"
		      "false}],\"contacts\":[{\"uri\":\"sip:a@c\","
		      "\"expires_s\":60,\"reg_id\":2,\"instance\":"
		      "\"<urn:x>\",\"gruu\":null,\"path\":\"<sip:p>\"}],"
		      "\"watchers\":[{\"who\":\"<sip:p>;tag=x\",\"state\":"
		      "\"active\",\"version\":4,\"expires_s\":9,\"trusted\":"
		      "true}]}]}",
		      ims_cli_ctl_show_bindings),
		"a@b\n"
		"  identity   sip:a@b\n"
		"  identity   tel:1  barred\n"
		"  identity   tel:2  not registered\n"
		"  contact    sip:a@c  60 s left, reg-id 2\n"
		"    instance <urn:x>\n"
		"    path     <sip:p>\n"
		"  watcher    <sip:p>  (network)\n"
		"             active, version 4, 9 s left\n");
}

static void a_ue_shows_its_own(void **state)
{
	assert_string_equal(
		shown("{\"impi\":\"a@b\",\"registration\":\"registered\","
		      "\"expires_s\":5,\"impus\":[{\"uri\":\"sip:a@b\","
		      "\"state\":\"registered\",\"default\":true}],"
		      "\"contact\":\"sip:a@c\",\"subscription\":{\"state\":"
		      "\"active\",\"expires_s\":7}}",
		      ims_cli_ctl_show_bindings),
		"a@b  registered, 5 s left\n"
		"  identity   sip:a@b  registered, default\n"
		"  contact    sip:a@c\n"
		"  reg event  active, 7 s left\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sas_are_aligned),
		cmocka_unit_test(without_any_it_says_so),
		cmocka_unit_test(a_users_bindings_and_watchers_stand_below_him),
		cmocka_unit_test(a_ue_shows_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
