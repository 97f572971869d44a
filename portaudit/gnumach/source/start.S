/*
 * The entry point, and Mach's traps.
 *
 * The kernel enters a boot module with %esp at argc, argv[0], ..., argv[argc-1], 0.  gnumach-dev's
 * <mach/syscall_sw.h> makes a C function of each trap.
 */
	.text
	.globl	_start
_start:
	movl	%esp, %eax
	andl	$-16, %esp
	subl	$12, %esp
	pushl	%eax
	call	serve
1:	jmp	1b

#include <mach/syscall_sw.h>

	.section .note.GNU-stack, "", @progbits
