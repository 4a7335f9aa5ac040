! Product of two square matrices, by loops or by the intrinsic function.
! All elements are multiples of a small power of two, so the sums are exact in any order.
program matmul_fortran
    use, intrinsic :: iso_fortran_env, only: error_unit, int64, real64
    implicit none
    integer :: n, status
    integer(int64) :: begun, ended, per_second
    character(len=32) :: how, text
    real(real64), allocatable :: a(:, :), b(:, :), c(:, :)
    real(real64) :: seconds

    status = 1
    n = 0
    if (command_argument_count() == 2) then
        call get_command_argument(1, how)
        call get_command_argument(2, text)
        read (text, *, iostat=status) n
    end if
    if (status /= 0 .or. n < 1 .or. n > 20000 .or. (how /= "loops" .and. how /= "intrinsic")) then
        write (error_unit, "(a)") "usage: matmul-fortran loops|intrinsic N"
        stop 2
    end if

    allocate (a(n, n), b(n, n), c(n, n))
    call prepare(a, b)
    call system_clock(begun, per_second)
    if (how == "loops") then
        call multiply(a, b, c)
    else
        c = matmul(a, b)
    end if
    call system_clock(ended)
    seconds = real(ended - begun, real64) / real(per_second, real64)
    call show(c)
    call show_number("seconds", seconds)
    deallocate (a, b, c)

contains

    subroutine prepare(a, b)
        real(real64), intent(out) :: a(:, :), b(:, :)
        integer :: i, j, place

        do j = 1, size(a, 2)
            do i = 1, size(a, 1)
                place = (i - 1) * size(a, 2) + j - 1
                a(i, j) = real(mod(place, 17), real64) / 16
                b(i, j) = real(mod(place, 13), real64) / 8 - 0.5_real64
            end do
        end do
    end subroutine prepare

    ! Down the columns, as Fortran lays them out.
    subroutine multiply(a, b, c)
        real(real64), intent(in) :: a(:, :), b(:, :)
        real(real64), intent(out) :: c(:, :)
        integer :: i, j, k

        c = 0
        do j = 1, size(c, 2)
            do k = 1, size(a, 2)
                do i = 1, size(c, 1)
                    c(i, j) = c(i, j) + a(i, k) * b(k, j)
                end do
            end do
        end do
    end subroutine multiply

    subroutine show(c)
        real(real64), intent(in) :: c(:, :)
        real(real64) :: trace, weighted
        integer :: i, j

        trace = 0
        weighted = 0
        do j = 1, size(c, 2)
            trace = trace + c(j, j)
            do i = 1, size(c, 1)
                weighted = weighted + c(i, j) * real(mod(i - 1 + 2 * (j - 1), 5), real64)
            end do
        end do
        call show_number("trace", trace)
        call show_number("weighted sum", weighted)
    end subroutine show

    subroutine show_number(what, number)
        character(len=*), intent(in) :: what
        real(real64), intent(in) :: number
        character(len=40) :: text

        write (text, "(f30.7)") number
        print "(a, 1x, a)", what, trim(adjustl(text))
    end subroutine show_number

end program matmul_fortran
