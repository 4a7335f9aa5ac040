! Heat in a rod whose ends are kept at zero, by the method of Crank and Nicolson.
module heat
    use, intrinsic :: iso_fortran_env, only: real64
    implicit none
    private
    public :: rod, make_rod, advance

    type :: rod
        real(real64) :: ratio = 0 ! of a step in time to the square of one along the rod
        real(real64), allocatable :: warmth(:) ! between the ends
    end type rod

contains

    ! A rod of length one with n places between its ends, warm as half a wave and a third of
    ! three of them.
    pure function make_rod(n, step) result(made)
        integer, intent(in) :: n
        real(real64), intent(in) :: step
        type(rod) :: made
        real(real64), parameter :: pi = 3.14159265358979323846_real64
        real(real64) :: x
        integer :: i

        made%ratio = step * real(n + 1, real64)**2
        allocate (made%warmth(n))
        do i = 1, n
            x = real(i, real64) / real(n + 1, real64)
            made%warmth(i) = sin(pi * x) + sin(3 * pi * x) / 3
        end do
    end function make_rod

    ! One step in time: the mean of what the old and the new state would do.
    pure subroutine advance(this)
        type(rod), intent(inout) :: this
        real(real64) :: right(size(this%warmth)), half
        integer :: i, n

        n = size(this%warmth)
        half = this%ratio / 2
        do i = 1, n
            right(i) = (1 - this%ratio) * this%warmth(i)
            if (i > 1) right(i) = right(i) + half * this%warmth(i - 1)
            if (i < n) right(i) = right(i) + half * this%warmth(i + 1)
        end do
        call solve(1 + this%ratio, -half, right)
        this%warmth = right
    end subroutine advance

    ! Solves a system with one number on the diagonal and another beside it, in place.
    pure subroutine solve(diagonal, beside, x)
        real(real64), intent(in) :: diagonal, beside
        real(real64), intent(inout) :: x(:)
        real(real64) :: factor(size(x)), pivot
        integer :: i

        pivot = diagonal
        x(1) = x(1) / pivot
        do i = 2, size(x)
            factor(i) = beside / pivot
            pivot = diagonal - beside * factor(i)
            x(i) = (x(i) - beside * x(i - 1)) / pivot
        end do
        do i = size(x) - 1, 1, -1
            x(i) = x(i) - factor(i + 1) * x(i + 1)
        end do
    end subroutine solve

end module heat
