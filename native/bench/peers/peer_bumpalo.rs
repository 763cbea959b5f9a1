// SPDX-License-Identifier: Apache-2.0
// peer_bumpalo.rs - the Rust crate bumpalo, its loop compiled by rustc. Alignment 16, as the arena's.
use bumpalo::Bump;
use std::alloc::Layout;

#[no_mangle]
pub extern "C" fn bumpalo_open() -> *mut Bump {
    Box::into_raw(Box::new(Bump::new()))
}

/// # Safety
/// `bump` is from bumpalo_open(), and there are `count` sizes.
#[no_mangle]
pub unsafe extern "C" fn bumpalo_fill(bump: *mut Bump, sizes: *const u32, count: usize) {
    let bump = &*bump;
    for &size in std::slice::from_raw_parts(sizes, count) {
        let layout = Layout::from_size_align_unchecked(size as usize, 16);
        *bump.alloc_layout(layout).as_ptr() = 1;
    }
}

/// # Safety
/// As bumpalo_fill().
#[no_mangle]
pub unsafe extern "C" fn bumpalo_write(bump: *mut Bump, sizes: *const u32, count: usize) {
    let bump = &*bump;
    for &size in std::slice::from_raw_parts(sizes, count) {
        let layout = Layout::from_size_align_unchecked(size as usize, 16);
        std::ptr::write_bytes(bump.alloc_layout(layout).as_ptr(), 1, size as usize);
    }
}

/// # Safety
/// `bump` is from bumpalo_open().
#[no_mangle]
pub unsafe extern "C" fn bumpalo_allocate(bump: *mut Bump, size: usize) -> *mut u8 {
    let layout = Layout::from_size_align_unchecked(size, 16);
    (*bump).alloc_layout(layout).as_ptr()
}

/// # Safety
/// `bump` is from bumpalo_open().
#[no_mangle]
pub unsafe extern "C" fn bumpalo_reset(bump: *mut Bump) {
    (*bump).reset();
}

/// # Safety
/// `bump` is from bumpalo_open().
#[no_mangle]
pub unsafe extern "C" fn bumpalo_reserved(bump: *mut Bump) -> usize {
    (*bump).allocated_bytes()
}
