! Solves a dense system by its LU factors, rows swapped for the largest pivot.
program lu_fortran
    use, intrinsic :: iso_fortran_env, only: error_unit, int64, real64
    implicit none
    integer :: n, status, i
    integer(int64) :: begun, ended, per_second
    character(len=32) :: text
    real(real64), allocatable :: a(:, :), factors(:, :), b(:), x(:)
    integer, allocatable :: order(:)
    real(real64) :: rest

    status = 1
    n = 0
    if (command_argument_count() == 1) then
        call get_command_argument(1, text)
        read (text, *, iostat=status) n
    end if
    if (status /= 0 .or. n < 8 .or. n > 20000) then
        write (error_unit, "(a)") "usage: lu-fortran N"
        stop 2
    end if

    allocate (a(n, n), b(n), x(n), order(n))
    call prepare(a, b)
    call system_clock(begun, per_second)
    factors = a
    call factor(factors, order)
    call solve(factors, order, b, x)
    call system_clock(ended)

    rest = maxval(abs(matmul(a, x) - b)) / (maxval(abs(x)) * real(n, real64))
    print "(a, a)", "solved ", merge("yes", "no ", rest < 1e-13_real64)
    print "(a, f14.9)", "logarithm of the determinant ", sum([(log(abs(factors(i, i))), i=1, n)])
    do i = 1, n, n / 8
        print "(a, i0, a, f16.9)", "x(", i, ") =", x(i)
    end do
    write (text, "(f20.6)") real(ended - begun, real64) / real(per_second, real64)
    print "(a, a)", "seconds ", trim(adjustl(text))
    deallocate (a, factors, b, x, order)

contains

    ! Numbers from -1/2 to 1/2 that are always the same, the diagonal a little heavier.
    subroutine prepare(a, b)
        real(real64), intent(out) :: a(:, :), b(:)
        integer(int64) :: state
        integer :: i, j

        state = 2026
        do j = 1, size(a, 2)
            do i = 1, size(a, 1)
                state = mod(state * 16807_int64, 2147483647_int64)
                a(i, j) = real(state, real64) / 2147483647.0_real64 - 0.5_real64
            end do
            a(j, j) = a(j, j) + 2
            b(j) = real(mod(j, 7), real64)
        end do
    end subroutine prepare

    ! Below the diagonal the lower factor, the upper one on and above it; order(k) is the row that
    ! was swapped with row k.
    subroutine factor(a, order)
        real(real64), intent(inout) :: a(:, :)
        integer, intent(out) :: order(:)
        real(real64) :: row(size(a, 2))
        integer :: j, k, n

        n = size(a, 1)
        do k = 1, n
            order(k) = k - 1 + maxloc(abs(a(k:, k)), dim=1)
            if (order(k) /= k) then
                row = a(k, :)
                a(k, :) = a(order(k), :)
                a(order(k), :) = row
            end if
            a(k + 1:, k) = a(k + 1:, k) / a(k, k)
            do j = k + 1, n
                a(k + 1:, j) = a(k + 1:, j) - a(k + 1:, k) * a(k, j)
            end do
        end do
    end subroutine factor

    subroutine solve(a, order, b, x)
        real(real64), intent(in) :: a(:, :), b(:)
        integer, intent(in) :: order(:)
        real(real64), intent(out) :: x(:)
        real(real64) :: kept
        integer :: k, n

        n = size(a, 1)
        x = b
        do k = 1, n
            kept = x(k)
            x(k) = x(order(k))
            x(order(k)) = kept
        end do
        do k = 1, n
            x(k + 1:) = x(k + 1:) - a(k + 1:, k) * x(k)
        end do
        do k = n, 1, -1
            x(k) = x(k) / a(k, k)
            x(:k - 1) = x(:k - 1) - a(:k - 1, k) * x(k)
        end do
    end subroutine solve

end program lu_fortran
