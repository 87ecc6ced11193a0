/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_capture.h - a capture into a file, and the Wireshark profile beside it.
 *
 * FILE gets the pcapng; the folder FILE.wireshark/ gets esp_sa, preferences
 * and decode_as_entries, to be named in WIRESHARK_CONFIG_DIR.  Both hold ESP
 * keys of this run: mode 0600, the folder 0700.
 */
#ifndef IMS_CLI_CAPTURE_H
#define IMS_CLI_CAPTURE_H

#include "cap_pcapng.h"

/* 0 or -IMS_E_SYS with *why. */
int ims_cli_capture_save(struct ims_capture *c, const char *path,
			 struct ims_flaw *why);
/* Makes the folder again if it is not there, from what the file itself holds.
 * -IMS_E_NOTFOUND (no file, or none of ours), -IMS_E_SYNTAX, -IMS_E_SYS.
 */
int ims_cli_capture_restore(const char *path, struct ims_flaw *why);
/* The command line that opens it decrypted, for a shell: quoted where needed.
 */
void ims_cli_capture_tshark(struct ims_buf *b, const char *path);

#endif
