/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_err.h - how every command says that it failed.
 *
 *	imsreg aka: the MAC of AUTN is wrong
 *	  id: aka.mac
 *	  cause: K or OP/OPc differ between USIM and HSS
 *	  next: imsreg aka --nonce ... with both keys
 */
#ifndef IMS_CLI_ERR_H
#define IMS_CLI_ERR_H

/* Prints it to standard error: the text, or with fmt NULL the error's own
 * sentence, then id, cause and next of the error.  Wrong use (IMS_E_USAGE) is
 * the one line only, which says it all.  Returns the exit status.
 * err: IMS_E_..., either sign.  The text must be printable, and hold no key.
 */
int ims_cli_fail(const char *cmd, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
