/* SPDX-License-Identifier: BSD-2-Clause */
/* test_reg_restore.c - documents that want a registration, and others. */
#include "reg_restore.h"
#include "test.h"

#define DOC(type, action)                                          \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<ims-3gpp " \
	"version=\"1\"><alternative-service><type>" type           \
	"</type><reason>gone</reason><action>" action              \
	"</action></alternative-service></ims-3gpp>"
#define GOOD DOC("restoration", "initial-registration")

static bool wants(const char *xml)
{
	return ims_reg_restore(ims_str(xml));
}

static void it_wants_a_registration_from_the_beginning(void **state)
{
	assert_true(wants(GOOD));
	assert_true(wants(DOC(" restoration\r\n", "\tinitial-registration ")));
	assert_true(
		wants("<x:ims-3gpp xmlns:x=\"urn:a\" "
		      "version=\"1\"><x:new><y/></x:new>"
		      "<x:alternative-service><x:action>initial-registration"
		      "</x:action><x:type>restoration</x:type>"
		      "</x:alternative-service></x:ims-3gpp>"));
}

static void it_wants_something_else(void **state)
{
	assert_false(wants(DOC("emergency", "emergency-registration")));
	assert_false(wants(DOC("restoration", "")));
	assert_false(wants(DOC("emergency", "initial-registration")));
	assert_false(wants(DOC("restoration", "initial-registration-not")));
	assert_false(wants("<ims-3gpp/>"));
	/* at another place of the document */
	assert_false(wants("<a>"
			   "<ims-3gpp><alternative-service><type>"
			   "restoration</type><action>initial-registration"
			   "</action></alternative-service></ims-3gpp></a>"));
	assert_false(wants("<ims-3gpp><type>restoration</type><action>"
			   "initial-registration</action></ims-3gpp>"));
}

static void what_is_hostile_wants_nothing(void **state)
{
	static char deep[200], big[IMS_RESTORE_MAX + 100];
	size_t n = sizeof GOOD - 1;

	assert_false(wants(""));
	for (size_t i = 0; i < n; i++) /* cut off anywhere */
		assert_false(ims_reg_restore(ims_str_n(GOOD, i)));
	assert_false(wants("<!DOCTYPE a [<!ENTITY b \"restoration\">]>"
			   "<ims-3gpp><alternative-service><type>&b;</type>"
			   "<action>initial-registration</action>"
			   "</alternative-service></ims-3gpp>"));
	memset(deep, 0, sizeof deep);
	for (size_t i = 0; i < 60; i += 3)
		memcpy(deep + i, "<a>", 3);
	assert_false(wants(deep));
	memset(big, ' ', sizeof big - 1);
	memcpy(big, GOOD, n);
	assert_false(wants(big));
	assert_true(ims_reg_restore(ims_str_n(big, IMS_RESTORE_MAX)));
	assert_false(wants(DOC("restoration                                "
			       "                                           ",
			       "initial-registration")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_wants_a_registration_from_the_beginning),
		cmocka_unit_test(it_wants_something_else),
		cmocka_unit_test(what_is_hostile_wants_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
