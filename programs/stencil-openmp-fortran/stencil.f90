! Heat in a square plate that begins as a pattern of warm and cold points: sweeps of a five point
! stencil, whose columns the threads share out among themselves. Prints how warm the plate is then
! and how much it still changes.
program stencil
  use, intrinsic :: iso_fortran_env, only: real64, int64, error_unit
  use omp_lib, only: omp_get_max_threads
  implicit none
  integer :: n, sweeps, sweep, row, column
  integer(int64) :: begun, ended, rate
  real(real64), allocatable :: old(:, :), new(:, :)
  real(real64) :: change

  n = argument(1)
  sweeps = argument(2)
  if (n < 3 .or. n > 20000 .or. sweeps < 1) then
    write (error_unit, '(a)') 'usage: stencil N SWEEPS'
    stop 2
  end if
  allocate (old(n, n), new(n, n))
  do concurrent(row=1:n, column=1:n)
    old(row, column) = mod(3*row + 5*column + row*column/7, 23)
  end do
  new = old

  call system_clock(begun, rate)
  do sweep = 1, sweeps
    change = relax(old, new)
    call exchange(old, new)
  end do
  call system_clock(ended)

  print '(a, f20.9)', 'mean ', sum(old)/(real(n, real64)*n)
  print '(a, f20.9)', 'weighted sum ', weighted(old)
  print '(a, f20.9)', 'last change ', change
  print '(a, i0)', 'threads ', omp_get_max_threads()
  print '(a, f0.6)', 'seconds ', real(ended - begun, real64)/rate

contains

  ! One sweep from one plate to the other; the largest change of a point.
  function relax(from, to) result(largest)
    real(real64), intent(in) :: from(:, :)
    real(real64), intent(inout) :: to(:, :)
    real(real64) :: largest
    integer :: row, column
    largest = 0
    !$omp parallel do private(row) reduction(max: largest)
    do column = 2, size(from, 2) - 1
      do row = 2, size(from, 1) - 1
        to(row, column) = 0.25_real64*(from(row - 1, column) + from(row + 1, column) &
                                       + from(row, column - 1) + from(row, column + 1))
        largest = max(largest, abs(to(row, column) - from(row, column)))
      end do
    end do
    !$omp end parallel do
  end function relax

  subroutine exchange(a, b)
    real(real64), allocatable, intent(inout) :: a(:, :), b(:, :)
    real(real64), allocatable :: kept(:, :)
    call move_alloc(a, kept)
    call move_alloc(b, a)
    call move_alloc(kept, b)
  end subroutine exchange

  ! A sum in which each point has a weight of its own, so that none may stand in another's place.
  pure function weighted(plate) result(total)
    real(real64), intent(in) :: plate(:, :)
    real(real64) :: total
    integer :: row, column
    total = 0
    do column = 1, size(plate, 2)
      do row = 1, size(plate, 1)
        total = total + plate(row, column)*mod(row + 3*column, 7)
      end do
    end do
  end function weighted

  ! The argument at a position as a number; -1 when it is none.
  function argument(position) result(value)
    integer, intent(in) :: position
    integer :: value, status
    character(len=32) :: text
    call get_command_argument(position, text)
    read (text, *, iostat=status) value
    if (status /= 0) value = -1
  end function argument

end program stencil
