! Lets a rod cool and shows how warm it is at nine places.
program main
    use, intrinsic :: iso_fortran_env, only: error_unit, int64, real64
    use heat, only: rod, make_rod, advance
    implicit none
    type(rod) :: cooling
    integer :: n, steps, i, failed
    integer(int64) :: begun, ended, per_second
    character(len=32) :: text
    character(len=256) :: output

    n = argument(1)
    steps = argument(2)
    if (command_argument_count() /= 3 .or. n < 9 .or. n > 10000000 .or. steps < 1) then
        write (error_unit, "(a)") "usage: heat-fortran PLACES STEPS OUTPUT"
        stop 2
    end if

    cooling = make_rod(n, 0.1_real64 / real(steps, real64))
    call system_clock(begun, per_second)
    do i = 1, steps
        call advance(cooling)
    end do
    call system_clock(ended)

    print "(a, f12.9)", "middle ", cooling%warmth((n + 1) / 2)
    print "(a, f12.9)", "mean ", sum(cooling%warmth) / real(n + 1, real64)
    write (text, "(f20.6)") real(ended - begun, real64) / real(per_second, real64)
    print "(a, a)", "seconds ", trim(adjustl(text))
    call get_command_argument(3, output)
    call write_rod(trim(output), cooling, failed)
    if (failed /= 0) then
        write (error_unit, "(a)") trim(output)//": cannot be written"
        stop 1
    end if

contains

    ! A whole number of the command line, or 0.
    integer function argument(place)
        integer, intent(in) :: place
        character(len=32) :: text
        integer :: status

        call get_command_argument(place, text)
        read (text, *, iostat=status) argument
        if (status /= 0) argument = 0
    end function argument

    subroutine write_rod(name, this, failed)
        character(len=*), intent(in) :: name
        type(rod), intent(in) :: this
        integer, intent(out) :: failed
        integer :: unit, i, place

        open (newunit=unit, file=name, status="replace", action="write", iostat=failed)
        if (failed /= 0) return
        do i = 1, 9
            place = 1 + (i - 1) * (size(this%warmth) - 1) / 8
            write (unit, "(i8, f14.9)") place, this%warmth(place)
        end do
        close (unit)
    end subroutine write_rod

end program main
