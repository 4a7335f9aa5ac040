! Heat in a rod that is cut into pieces, one a process: before each step the neighbours tell each
! other the temperatures at their ends. The result must not depend on the number of pieces.
program heat
  use, intrinsic :: iso_fortran_env, only: real64, error_unit
  use mpi
  implicit none
  real(real64), parameter :: rate = 0.4_real64
  integer :: points, steps, rank, ranks, left, right, first, last, i, step, error
  real(real64), allocatable :: now(:), next(:)
  real(real64) :: total, warmest, begun, seconds

  call MPI_Init(error)
  call MPI_Comm_rank(MPI_COMM_WORLD, rank, error)
  call MPI_Comm_size(MPI_COMM_WORLD, ranks, error)
  points = argument(1)
  steps = argument(2)
  if (points < ranks .or. steps < 1) then
    if (rank == 0) write (error_unit, '(a)') 'usage: heat POINTS STEPS'
    call MPI_Finalize(error)
    stop 2
  end if

  ! this process has the points from first to last, and room for one of each neighbour
  first = int(int(points, 8)*rank/ranks) + 1
  last = int(int(points, 8)*(rank + 1)/ranks)
  left = merge(rank - 1, MPI_PROC_NULL, rank > 0)
  right = merge(rank + 1, MPI_PROC_NULL, rank < ranks - 1)
  allocate (now(first - 1:last + 1), next(first - 1:last + 1))
  now = 0
  now(first:last) = [(real(mod(7*i + i/11, 31), real64), i=first, last)]
  next = now

  begun = MPI_Wtime()
  do step = 1, steps
    call tell_neighbours()
    do i = first, last
      next(i) = now(i) + rate*(now(i - 1) - 2*now(i) + now(i + 1))
    end do
    now(first:last) = next(first:last)
  end do
  seconds = MPI_Wtime() - begun

  total = reduced(sum([(now(i)*mod(i, 5), i=first, last)]), MPI_SUM)
  warmest = reduced(maxval(now(first:last)), MPI_MAX)
  if (rank == 0) then
    print '(a, f20.9)', 'weighted sum', total
    print '(a, f20.9)', 'warmest', warmest
    print '(a, i0)', 'ranks ', ranks
    print '(a, f0.6)', 'seconds ', seconds
  end if
  call MPI_Finalize(error)

contains

  ! Beyond the ends of the rod nobody answers and the temperature stays 0.
  subroutine tell_neighbours()
    call MPI_Sendrecv(now(last), 1, MPI_DOUBLE_PRECISION, right, 0, &
                      now(first - 1), 1, MPI_DOUBLE_PRECISION, left, 0, &
                      MPI_COMM_WORLD, MPI_STATUS_IGNORE, error)
    call MPI_Sendrecv(now(first), 1, MPI_DOUBLE_PRECISION, left, 1, &
                      now(last + 1), 1, MPI_DOUBLE_PRECISION, right, 1, &
                      MPI_COMM_WORLD, MPI_STATUS_IGNORE, error)
  end subroutine tell_neighbours

  function reduced(own, operation) result(all)
    real(real64), intent(in) :: own
    integer, intent(in) :: operation
    real(real64) :: all
    all = 0
    call MPI_Reduce(own, all, 1, MPI_DOUBLE_PRECISION, operation, 0, MPI_COMM_WORLD, error)
  end function reduced

  ! The argument at a position as a number; -1 when it is none.
  function argument(position) result(value)
    integer, intent(in) :: position
    integer :: value, status
    character(len=32) :: text
    call get_command_argument(position, text)
    read (text, *, iostat=status) value
    if (status /= 0) value = -1
  end function argument

end program heat
