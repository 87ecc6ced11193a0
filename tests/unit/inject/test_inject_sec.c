/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject_sec.c - lists of mechanisms. */
#include "inject_act_priv.h"
#include "inject_case.h"

/* What becomes of one Security-Client. */
static void becomes(enum inject_sec what, const char *list, const char *want)
{
	char text[4096], mem[4096];
	struct ims_sip_msg m;
	struct ims_buf b;

	snprintf(
		text, sizeof text,
		"REGISTER sip:h SIP/2.0\r\n" HEAD(
			"REGISTER", "1",
			"a") "Security-Client: %s\r\nContent-Length: 0\r\n\r\n",
		list);
	assert_int_equal(ims_sip_msg_parse(ims_str(text), &m, NULL), 0);
	ims_buf_init(&b, mem, sizeof mem);
	assert_str(ims_inject_sec_text(&m, IMS_SIP_SECURITY_CLIENT, what, &b),
		   want);
}

#define ONE(alg, spi, ports) \
	"ipsec-3gpp;alg=" alg ";ealg=aes-cbc;" spi ";" ports
#define SPIS "spi-c=1111;spi-s=2222"
#define PORTS "port-c=40001;port-s=40002"
#define SHA "hmac-sha-1-96"

static void each_way_to_spoil_a_mechanism(void **state)
{
	becomes(SEC_SPI_ZERO, LIST, ONE(SHA, "spi-c=0;spi-s=0", PORTS));
	becomes(SEC_SPI_LOW, LIST, ONE(SHA, "spi-c=100;spi-s=101", PORTS));
	becomes(SEC_SPI_SAME, LIST, ONE(SHA, "spi-c=1111;spi-s=1111", PORTS));
	becomes(SEC_SPI_OTHER, LIST, ONE(SHA, "spi-c=1112;spi-s=2222", PORTS));
	becomes(SEC_SPI_MISSING, LIST, ONE(SHA, "spi-c=1111", PORTS));
	becomes(SEC_ALG_OTHER, LIST, ONE("hmac-sha-256-128", SPIS, PORTS));
	becomes(SEC_PORTS_5060, LIST,
		ONE(SHA, SPIS, "port-c=5060;port-s=5060"));
	becomes(SEC_PORTS_OTHER, LIST,
		ONE(SHA, SPIS, "port-c=40873;port-s=40874"));
	becomes(SEC_PORT_C_OTHER, LIST,
		ONE(SHA, SPIS, "port-c=40000;port-s=40002"));
	becomes(SEC_Q_TWICE, LIST, ONE(SHA, SPIS, PORTS) ";q=0.1;q=0.9");
	becomes(SEC_UNKNOWN_FIRST, LIST,
		"tls;q=0.9, ipsec-ike;q=0.8, " ONE(SHA, SPIS, PORTS));
}

static void each_of_a_list_is_spoilt(void **state)
{
	becomes(SEC_SPI_ZERO, LIST ", " LIST,
		ONE(SHA, "spi-c=0;spi-s=0",
		    PORTS) ", " ONE(SHA, "spi-c=0;spi-s=0", PORTS));
}

/* The one that the core has SAs for must be the better one. */
static void the_lesser_of_two_comes_first(void **state)
{
	struct ims_sip_sec list[4];
	char mem[4096];
	struct ims_sip_msg m;
	struct ims_buf b;
	size_t n;

	assert_int_equal(ims_sip_msg_parse(ims_str(challenge), &m, NULL), 0);
	ims_buf_init(&b, mem, sizeof mem);
	assert_int_equal(ims_sip_sec_list(ims_inject_sec_text(
						  &m, IMS_SIP_SECURITY_SERVER,
						  SEC_Q_ORDER, &b),
					  list, 4, &n, NULL),
			 0);
	assert_int_equal(n, 2);
	assert_int_equal(list[0].q, 100);
	assert_int_equal(list[1].q, 900);
	assert_str(list[0].ealg, "null");
	assert_str(list[1].ealg, "aes-cbc");
	assert_int_equal(list[0].spi_c, list[1].spi_c);
}

static void a_list_that_cannot_be_read_gives_nothing(void **state)
{
	char mem[4096];
	struct ims_sip_msg m;
	struct ims_buf b;

	assert_int_equal(ims_sip_msg_parse(ims_str(ok), &m, NULL), 0);
	ims_buf_init(&b, mem, sizeof mem);
	assert_int_equal(ims_inject_sec_text(&m, IMS_SIP_SECURITY_SERVER,
					     SEC_SPI_ZERO, &b)
				 .n,
			 0);
	ims_buf_init(&b, mem, 10);
	assert_int_equal(ims_sip_msg_parse(ims_str(challenge), &m, NULL), 0);
	assert_int_equal(ims_inject_sec_text(&m, IMS_SIP_SECURITY_SERVER,
					     SEC_SPI_ZERO, &b)
				 .n,
			 0);
}

static void client_and_verify_of_a_register(void **state)
{
	struct ims_inject *j = armed(true, "client-changed");
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
				       ims_str(register2), 0));
	mail_is(j, 0, IMS_INJECT_GM_OUT, &mail, &m);
	value_is(&m, IMS_SIP_SECURITY_CLIENT,
		 ONE(SHA, "spi-c=1112;spi-s=2222", PORTS));
	value_is(&m, IMS_SIP_SECURITY_VERIFY, SERVER);
	ims_inject_free(j);
	j = armed(true, "verify-altered");
	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
				       ims_str(register2), 0));
	mail_is(j, 0, IMS_INJECT_GM_OUT, &mail, &m);
	value_is(&m, IMS_SIP_SECURITY_CLIENT, LIST);
	assert_non_null(strstr(ims_sip_get(&m, IMS_SIP_SECURITY_VERIFY).p,
			       "hmac-sha-256-128"));
	ims_inject_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_to_spoil_a_mechanism),
		cmocka_unit_test(each_of_a_list_is_spoilt),
		cmocka_unit_test(the_lesser_of_two_comes_first),
		cmocka_unit_test(a_list_that_cannot_be_read_gives_nothing),
		cmocka_unit_test(client_and_verify_of_a_register),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
