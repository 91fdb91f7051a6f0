"""Inlining: functions that are compiled into kernels and nowhere else.

Numba makes each compiled function one that Python could call: optimised and turned into machine code by itself, and with it all that it
calls. A
function that only kernels call needs none of that, and without it a kernel of a hundred small functions is compiled in a quarter of the
time.
So of those Numba's own steps are taken as far as LLVM's intermediate code; the kernel that they are linked into is optimised as a whole.

This leans on how Numba (0.62 to 0.68) makes libraries; `pyproject.toml` names the versions, and the tests compile every kernel.
"""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

_Library: Any = JITCodeLibrary
_Lowering: Any = NativeLowering
_Compiler: Any = CompilerBase
_register: Any = register_pass
_registered: Any = _register(mutates_CFG=True, analysis_only=False)


class InnerLibrary(_Library):  # type: ignore[misc]
    """The code of a function that is linked into others and never called from Python."""

    def _optimize_final_module(self) -> None:
        """The kernel is optimised once all is in it."""

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """There is no machine code: the address is one that nobody asks for."""
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> InnerLibrary:
        return self

    def set_env(self, name: str, env: Any) -> None:
        """Nothing of Python's is used when the function runs."""


@_registered
class InnerLowering(_Lowering):  # type: ignore[misc]
    """The step that makes code out of a function's types."""

    _name = "inner_lowering"

    def run_pass(self, state: Any) -> bool:
        state.library = InnerLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_cpython_wrapper = True
        state.flags.no_cfunc_wrapper = True
        return bool(super().run_pass(state))


class InnerCompiler(_Compiler):  # type: ignore[misc]
    """Numba's steps with that one in the place of its own."""

    def define_pipelines(self) -> list[Any]:
        usual: Any = DefaultPassBuilder.define_nopython_pipeline(self.state)  # type: ignore[no-untyped-call, unused-ignore]
        usual._finalized = False
        usual.passes = [(InnerLowering if step is NativeLowering else step, text) for step, text in usual.passes]
        usual.finalize()
        return [usual]
